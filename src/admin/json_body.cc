#include "admin/json_body.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace relay::admin {
namespace {

using nlohmann::json;

// Beyond 2^53 a number loses digits in many a client.
constexpr std::int64_t count_max = std::int64_t{1} << 53;

Error bad_body(std::string message) {
  return {
      .code = ErrorCode::invalid_request, .origin = Origin::client, .message = std::move(message)};
}

// nlohmann keeps the last of two members with one name; this notices the first repetition.
class Repetitions {
 public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (depth == 0 && event == json::parse_event_t::object_start) seen_.clear();
    if (depth == 1 && event == json::parse_event_t::key) {
      const auto [at, is_new] = seen_.insert(parsed.get<std::string>());
      if (!is_new) repeated_ = *at;
    }
    return true;
  }
  [[nodiscard]] const std::string& repeated() const noexcept { return repeated_; }

 private:
  std::set<std::string> seen_;
  std::string repeated_;
};

}  // namespace

Result<json> parse_object(std::string_view text, std::initializer_list<std::string_view> members) {
  if (text.empty()) return json::object();
  Repetitions repetitions;
  json body = json::parse(text, std::ref(repetitions), false);
  if (!body.is_object()) return std::unexpected(bad_body("The body must be one JSON object."));
  if (!repetitions.repeated().empty()) {
    return std::unexpected(
        bad_body("The member \"" + repetitions.repeated() + "\" is there twice."));
  }
  for (const auto& [name, value] : body.items()) {
    if (std::find(members.begin(), members.end(), name) != members.end()) continue;
    std::string known;
    for (const std::string_view member : members) {
      known.append(known.empty() ? "" : ", ").append(member);
    }
    return std::unexpected(bad_body("Unknown member \"" + name + "\". Known are: " + known + "."));
  }
  return body;
}

Error bad_member(std::string_view name, std::string_view expected) {
  return bad_body(std::string{name} + " must be " + std::string{expected} + ".");
}

Result<std::optional<std::string>> optional_text(const json& body, const char* name,
                                                 std::size_t bytes_max) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  const bool is_sound =
      found->is_string() && found->get_ref<const std::string&>().size() <= bytes_max;
  if (!is_sound) {
    return std::unexpected(
        bad_member(name, "a text of at most " + std::to_string(bytes_max) + " bytes"));
  }
  return found->get<std::string>();
}

Result<std::string> required_text(const json& body, const char* name, std::size_t bytes_max) {
  Result<std::optional<std::string>> text = optional_text(body, name, bytes_max);
  if (!text) return std::unexpected(text.error());
  if (!*text || (*text)->empty()) return std::unexpected(bad_member(name, "given, and not empty"));
  return std::move(**text);
}

Result<std::optional<std::int64_t>> optional_count(const json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  const bool is_sound = found->is_number_integer() && *found >= 0 && *found <= count_max;
  if (!is_sound) {
    return std::unexpected(bad_member(name, "a whole number from 0 to 2^53, or null for no limit"));
  }
  return found->get<std::int64_t>();
}

}  // namespace relay::admin
