#include "app/name_rules.h"

#include <algorithm>

#include "app/url.h"
#include "base/utf8.h"
#include "store/database_url.h"

namespace relay::app {
namespace {

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) {
    return text.starts_with(prefix) && text.size() > prefix.size();
  });
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && is_name_or_empty(text);
}

bool is_name_or_empty(std::string_view text) {
  return text.size() <= 31 && std::ranges::all_of(text, is_name_byte);
}

bool is_path(std::string_view text) {
  return !text.empty() && is_path_or_empty(text);
}

bool is_path_or_empty(std::string_view text) {
  return text.size() < 4096 && is_one_line_text(text);
}

bool is_one_line_text(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.bytes == 0 || point.value < 0x20 || point.value == 0x7f) return false;
    text.remove_prefix(point.bytes);
  }
  return true;
}

bool is_public_url(std::string_view text) {
  if (text.empty()) return true;
  const auto url = parse_url(text);
  const bool is_http = url && (url->scheme == "http" || url->scheme == "https");
  return is_http && url->path.empty() && url->user_info.empty();
}

bool is_database_url(std::string_view text) {
  return text.empty() || store::is_database_url(text);
}

bool is_redis_url(std::string_view text) {
  return text.empty() || begins_with_any(text, {"redis://", "rediss://"});
}

bool is_proxy_url(std::string_view text) {
  if (text.empty()) return true;
  const auto url = parse_url(text);
  return url && url->scheme != "https" && url->path.empty();
}

}  // namespace relay::app
