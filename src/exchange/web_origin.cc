#include "exchange/web_origin.h"

#include <algorithm>
#include <charconv>

namespace relay::exchange {
namespace {

constexpr std::string_view scheme_end = "://";

bool is_host_byte(char byte) noexcept {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' || byte == '_';
}

bool is_v6_byte(char byte) noexcept {
  return byte == ':' || (is_host_byte(byte) && byte != '-' && byte != '_');
}

bool is_host(std::string_view text) noexcept {
  if (!text.starts_with('[')) return !text.empty() && std::ranges::all_of(text, is_host_byte);
  return text.size() > 2 && text.ends_with(']') &&
         std::ranges::all_of(text.substr(1, text.size() - 2), is_v6_byte);
}

std::uint16_t port_of(std::string_view scheme) noexcept {
  if (http::same_name(scheme, "https")) return 443;
  return http::same_name(scheme, "http") ? 80 : 0;
}

// "host" or "host:port". The port is `unsaid` where there is none.
std::optional<WebOrigin> parse_authority(std::string_view text, std::uint16_t unsaid) noexcept {
  const std::size_t host_end = text.find(']');
  const std::size_t colon = text.find(':', host_end == std::string_view::npos ? 0 : host_end);
  WebOrigin origin{.host = text.substr(0, colon), .port = unsaid};
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, origin.port);
    if (error != std::errc{} || rest != end || origin.port == 0) return std::nullopt;
  }
  if (!is_host(origin.host)) return std::nullopt;
  return origin;
}

}  // namespace

std::optional<WebOrigin> parse_web_origin(std::string_view text) noexcept {
  const std::size_t at = text.find(scheme_end);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const std::string_view scheme = text.substr(0, at);
  if (!std::ranges::all_of(scheme, [](char c) { return is_host_byte(c) || c == '+'; })) {
    return std::nullopt;
  }
  text.remove_prefix(at + scheme_end.size());
  return parse_authority(text.substr(0, text.find_first_of("/?#")), port_of(scheme));
}

std::optional<WebOrigin> web_origin_of(const http::Fields& fields) noexcept {
  const bool is_origin_said = fields.find("origin").has_value();
  const http::FieldName name = is_origin_said ? http::FieldName{"origin"} : "referer";
  if (fields.count(name) != 1) return std::nullopt;
  const std::string_view value = *fields.find(name);
  const std::optional<WebOrigin> origin = parse_web_origin(value);
  const bool is_only_origin =
      value.find('/', value.find(scheme_end) + scheme_end.size()) == std::string_view::npos;
  if (is_origin_said && !is_only_origin) return std::nullopt;
  return origin;
}

bool matches_domain(const WebOrigin& origin, std::string_view pattern) noexcept {
  const bool is_suffix = pattern.starts_with("*.");
  if (is_suffix) pattern.remove_prefix(1);
  const std::string_view bare = is_suffix ? pattern.substr(1) : pattern;
  const std::optional<WebOrigin> wanted = parse_authority(bare, 0);
  if (!wanted || (wanted->port != 0 && wanted->port != origin.port)) return false;
  if (!is_suffix) return http::same_name(origin.host, wanted->host);

  const std::string_view suffix = pattern.substr(0, wanted->host.size() + 1);  // With its dot.
  if (origin.host.size() <= suffix.size()) return false;
  const std::size_t label = origin.host.size() - suffix.size();
  return origin.host[label - 1] != '.' && http::same_name(origin.host.substr(label), suffix);
}

}  // namespace relay::exchange
