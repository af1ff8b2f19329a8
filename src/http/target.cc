#include "http/target.h"

#include <algorithm>
#include <array>

#include "base/put.h"
#include "http/characters.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array reserved_prefixes = {"/admin"sv, "/console"sv, "/api/usage"sv,   "/health"sv,
                                          "/ready"sv, "/metrics"sv, "/openapi.json"sv};

// The bytes of a path with their escapes taken off, one by one. An escape that is not whole is
// taken for what it says: the head parser lets none through.
class DecodedBytes {
 public:
  explicit DecodedBytes(std::string_view text) noexcept : rest_{text} {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  char next() noexcept {
    const bool is_escape = rest_.size() >= 3 && rest_[0] == '%' && hex_value(rest_[1]) >= 0 &&
                           hex_value(rest_[2]) >= 0;
    const char c =
        is_escape ? static_cast<char>(hex_value(rest_[1]) * 16 + hex_value(rest_[2])) : rest_[0];
    rest_.remove_prefix(is_escape ? 3 : 1);
    return c;
  }

 private:
  std::string_view rest_;
};

bool is_spelled_under(std::string_view path, std::string_view prefix) noexcept {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool may_not_be_escaped(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f' || c == '\\';
}

// Looks at a decoded path byte by byte: what is wrong with one of its segments.
class SegmentCheck {
 public:
  // Nothing, or what is wrong.
  std::string_view note(char c) noexcept {
    if (may_not_be_escaped(c)) return "the path has an escaped control character or backslash";
    if (c == '/') return end_of_segment(false);
    ++bytes_;
    is_dots_ = is_dots_ && c == '.';
    return {};
  }
  std::string_view end_of_segment(bool is_last) noexcept {
    if (is_dots_ && (bytes_ == 1 || bytes_ == 2)) return "the path has a dot segment";
    if (bytes_ == 0 && !is_last) return "the path has an empty segment";
    bytes_ = 0;
    is_dots_ = true;
    return {};
  }

 private:
  std::size_t bytes_ = 0;
  bool is_dots_ = true;
};

std::string_view fault_in_segments(std::string_view path) noexcept {
  SegmentCheck check;
  for (DecodedBytes decoded{path.substr(1)}; !decoded.at_end();) {
    const std::string_view fault = check.note(decoded.next());
    if (!fault.empty()) return fault;
  }
  return check.end_of_segment(true);
}

std::unexpected<Error> refused(std::string_view why) {
  return std::unexpected(Error{
      .code = ErrorCode::invalid_request, .origin = Origin::client, .message = std::string{why}});
}

}  // namespace

Result<void> check_path(std::string_view path) {
  if (path == "*") return {};
  if (!path.starts_with('/')) return refused("the path does not begin with a slash");
  const std::string_view fault = fault_in_segments(path);
  if (!fault.empty()) return refused(fault);
  for (const std::string_view prefix : reserved_prefixes) {
    if (is_under(path, prefix) && !is_spelled_under(path, prefix)) {
      return refused("the path is a reserved one in disguise");
    }
  }
  return {};
}

bool is_reserved(std::string_view path) noexcept {
  return std::ranges::any_of(reserved_prefixes,
                             [path](auto prefix) { return is_spelled_under(path, prefix); });
}

bool is_under(std::string_view path, std::string_view prefix) noexcept {
  DecodedBytes decoded{path};
  for (const char expected : prefix) {
    if (decoded.at_end() || to_lower(decoded.next()) != expected) return false;
  }
  return decoded.at_end() || decoded.next() == '/';
}

std::string_view mount_of(std::string_view base_path) noexcept {
  const auto without_slash = [](std::string_view path) {
    return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  };
  const std::string_view base = without_slash(base_path);
  return base.ends_with("/v1") ? without_slash(base.substr(0, base.size() - 3)) : base;
}

char* put_joined_target(char* to, std::string_view base_path, std::string_view target) noexcept {
  if (target != "*") to = put(to, mount_of(base_path));
  return put(to, target);
}

}  // namespace relay::http
