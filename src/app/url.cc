#include "app/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "http/host.h"

namespace relay::app {
namespace {

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  if (scheme == "socks5" || scheme == "socks5h") return 1080;
  return std::nullopt;
}

char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
}

bool is_url_byte(char byte) {
  return byte > ' ' && byte < 0x7f &&
         std::string_view{"\"<>\\^`{|}?#"}.find(byte) == std::string::npos;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// "host", "host:port", "[v6]:port"
bool parse_authority(std::string_view text, Url& url) {
  if (!http::is_valid_host(text)) return false;
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = text.substr(0, colon);
  if (bracket != std::string_view::npos) host = text.substr(1, bracket - 1);
  url.host.resize(host.size());
  std::ranges::transform(host, url.host.begin(), lower);
  if (colon == std::string_view::npos) return true;
  const auto port = parse_port(text.substr(colon + 1));
  if (port) url.port = *port;
  return port.has_value();
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || !std::ranges::all_of(text, is_url_byte))
    return std::nullopt;
  url.scheme = text.substr(0, colon);
  std::ranges::transform(url.scheme, url.scheme.begin(), lower);
  const auto port = default_port(url.scheme);
  if (!port) return std::nullopt;
  url.port = *port;
  text.remove_prefix(colon + 3);

  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    url.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (!parse_authority(authority, url)) return std::nullopt;

  url.path = text.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return default_port(scheme) == port ? name : fmt::format("{}:{}", name, port);
}

std::string Url::to_string() const {
  return fmt::format("{}://{}{}", scheme, authority(), path);
}

std::string join_target(std::string_view base_path, std::string_view target) {
  if (base_path.ends_with("/v1")) base_path.remove_suffix(3);
  return std::string{base_path}.append(target);
}

}  // namespace relay::app
