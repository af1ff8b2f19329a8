#include "admin/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/limits.h"
#include "base/utf8.h"
#include "core/usd_text.h"

namespace relay::admin {
namespace {

using nlohmann::json;

// Beyond 2^53 a number loses digits in many a client.
constexpr std::int64_t count_max = std::int64_t{1} << 53;

// Builds what nlohmann parses, and refuses what it would take: a second member of one name, which
// would replace the first, and a depth without end.
class StrictBuilder final : public nlohmann::json_sax<json> {
 public:
  json root;
  std::string fault;  // Why it was refused, if not for its syntax.

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double, const std::string& text) override {
    return add(json::binary({text.begin(), text.end()}));
  }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(json::binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    const auto [place, is_new] = open_.back()->get_ref<json::object_t&>().emplace(name, nullptr);
    if (!is_new) fault = "The member \"" + name + "\" is there twice.";
    value_ = &place->second;
    return is_new;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  json* place(json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    *value_ = std::move(value);
    return value_;
  }
  bool add(json value) {
    place(std::move(value));
    return true;
  }
  bool open(json empty) {
    open_.push_back(place(std::move(empty)));
    if (open_.size() > limits::json_depth_max) fault = "The body is nested too deeply.";
    return fault.empty();
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<json*> open_;
  json* value_ = nullptr;  // Of the member whose name came last.
};

std::string listed(std::span<const std::string_view> names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

Error bad_request(std::string message) {
  return {
      .code = ErrorCode::invalid_request, .origin = Origin::client, .message = std::move(message)};
}

Error bad_member(std::string_view name, std::string_view expected) {
  return bad_request(std::string{name} + " must be " + std::string{expected} + ".");
}

Result<json> parse_json(std::string_view text) {
  StrictBuilder builder;
  if (json::sax_parse(text, &builder)) return std::move(builder.root);
  return std::unexpected(
      bad_request(builder.fault.empty() ? "The body must be JSON." : builder.fault));
}

Result<json> parse_object(std::string_view text, std::span<const std::string_view> members) {
  if (text.empty()) return json::object();
  Result<json> body = parse_json(text);
  if (!body) return body;
  if (!body->is_object()) return std::unexpected(bad_request("The body must be one JSON object."));
  for (const auto& [name, value] : body->items()) {
    if (std::ranges::find(members, name) != members.end()) continue;
    return std::unexpected(
        bad_request("Unknown member \"" + name + "\". Known are: " + listed(members) + "."));
  }
  return body;
}

std::optional<std::string> read_text(const json& value, std::size_t characters_max) {
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  return count_code_points(text) <= characters_max ? std::optional{text} : std::nullopt;
}

std::optional<std::int64_t> read_count(const json& value) {
  const bool is_sound = value.is_number_integer() && value >= 0 && value <= count_max;
  return is_sound ? std::optional{value.get<std::int64_t>()} : std::nullopt;
}

std::optional<core::NanoUsd> read_usd(const json& value) {
  std::optional<core::NanoUsd> sum;
  if (value.is_binary()) {
    const json::binary_t& digits = value.get_binary();
    sum = core::parse_usd({reinterpret_cast<const char*>(digits.data()), digits.size()});
  } else if (value.is_number_integer()) {
    sum = core::parse_usd(value.dump());
  }
  return sum && *sum >= 0 ? sum : std::nullopt;
}

Result<std::optional<std::string>> optional_text(const json& body, const char* name,
                                                 std::size_t characters_max) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  std::optional<std::string> text = read_text(*found, characters_max);
  if (text) return text;
  return std::unexpected(
      bad_member(name, "a text of at most " + std::to_string(characters_max) + " characters"));
}

Result<std::string> required_text(const json& body, const char* name, std::size_t characters_max) {
  Result<std::optional<std::string>> text = optional_text(body, name, characters_max);
  if (!text) return std::unexpected(text.error());
  if (!*text || (*text)->empty()) return std::unexpected(bad_member(name, "given, and not empty"));
  return std::move(**text);
}

Result<std::optional<std::int64_t>> optional_count(const json& body, const char* name,
                                                   std::int64_t least, std::int64_t most) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  const std::optional<std::int64_t> count = read_count(*found);
  if (count && *count >= least && *count <= most) return count;
  return std::unexpected(bad_member(
      name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most)));
}

}  // namespace relay::admin
