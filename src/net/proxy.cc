#include "net/proxy.h"

#include <openssl/evp.h>

#include <array>
#include <charconv>

#include "net/endpoint.h"

namespace relay::net {
namespace {

constexpr std::size_t socks_text_bytes_max = 255;

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // It adds a NUL.
  const auto* const from = reinterpret_cast<const unsigned char*>(bytes.data());
  auto* const to = reinterpret_cast<unsigned char*>(text.data());
  const int written = EVP_EncodeBlock(to, from, static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(written));
  return text;
}

template <typename Number>
std::optional<Number> parse(std::string_view text, int base) noexcept {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text.front() != '%') {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::string_view digits = text.substr(1, 2);
    const auto byte = parse<std::uint8_t>(digits, 16);
    if (!byte || digits.size() != 2) return std::nullopt;
    plain += static_cast<char>(*byte);
    text.remove_prefix(3);
  }
  return plain;
}

std::optional<Proxy::Kind> take_kind(std::string_view& url) noexcept {
  const std::size_t end = url.find("://");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = url.substr(0, end);
  url.remove_prefix(end + 3);
  if (scheme == "http") return Proxy::Kind::http;
  if (scheme == "socks5" || scheme == "socks5h") return Proxy::Kind::socks5;
  return std::nullopt;
}

bool take_login(std::string_view& url, Proxy& proxy) {
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) return true;
  const std::string_view login = url.substr(0, at);
  url.remove_prefix(at + 1);
  const std::size_t colon = login.find(':');
  if (colon == std::string_view::npos) return false;
  const std::optional<std::string> user = unescaped(login.substr(0, colon));
  std::optional<std::string> password = unescaped(login.substr(colon + 1));
  if (!user || user->empty() || !password) return false;
  proxy.user = *user;
  proxy.password = Secret{std::move(*password)};
  return true;
}

bool is_host_name(std::string_view host) noexcept {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  return !host.empty() && host.find_first_not_of(allowed) == std::string_view::npos;
}

bool take_host(std::string_view authority, Proxy& proxy) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = parse<std::uint16_t>(authority.substr(colon + 1), 10);
  std::string_view host = authority.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (!port || *port == 0 || (is_bracketed ? !parse_address(host) : !is_host_name(host))) {
    return false;
  }
  proxy.host = host;
  proxy.port = *port;
  return true;
}

void append_port(std::string& bytes, std::uint16_t port) {
  bytes += static_cast<char>(port >> 8);
  bytes += static_cast<char>(port & 0xff);
}

void append_text(std::string& bytes, std::string_view text) {
  text = text.substr(0, socks_text_bytes_max);
  bytes += static_cast<char>(text.size());
  bytes += text;
}

}  // namespace

std::optional<Proxy> parse_proxy(std::string_view url) {
  Proxy proxy;
  const std::optional<Proxy::Kind> kind = take_kind(url);
  if (!kind || !take_login(url, proxy) || !take_host(url, proxy)) return std::nullopt;
  proxy.kind = *kind;
  return proxy;
}

std::string authority(std::string_view host, std::uint16_t port) {
  const bool is_v6 = host.contains(':');
  std::string text = is_v6 ? "[" + std::string{host} + "]" : std::string{host};
  return text + ":" + std::to_string(port);
}

std::string connect_request(const Proxy& proxy, std::string_view host, std::uint16_t port) {
  const std::string target = authority(host, port);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nhost: " + target + "\r\n";
  if (!proxy.user.empty()) {
    std::string login = proxy.user + ":";
    login += proxy.password.reveal();
    request += "proxy-authorization: Basic " + base64(login) + "\r\n";
    wipe(login);
  }
  return request + "\r\n";
}

std::string socks_greeting(const Proxy& proxy) {
  return proxy.user.empty() ? std::string{"\x05\x01\x00", 3} : std::string{"\x05\x02\x00\x02", 4};
}

std::string socks_login(const Proxy& proxy) {
  std::string bytes{"\x01"};
  append_text(bytes, proxy.user);
  append_text(bytes, proxy.password.reveal());
  return bytes;
}

std::string socks_request(std::string_view host, std::uint16_t port) {
  std::string bytes{"\x05\x01\x00", 3};
  const std::optional<Address> address = parse_address(host);
  if (!address) {
    bytes += '\x03';
    append_text(bytes, host);
  } else {
    const auto* const all = reinterpret_cast<const char*>(address->bytes.data());
    bytes += address->is_v4() ? '\x01' : '\x04';
    bytes += address->is_v4() ? std::string_view{all + 12, 4} : std::string_view{all, 16};
  }
  append_port(bytes, port);
  return bytes;
}

std::string_view socks_refusal(std::uint8_t reply) noexcept {
  static constexpr std::array<std::string_view, 9> words = {
      "succeeded",           "general failure",       "not allowed by ruleset",
      "network unreachable", "host unreachable",      "connection refused",
      "TTL expired",         "command not supported", "address type not supported"};
  return reply < words.size() ? words[reply] : "unassigned reply";
}

}  // namespace relay::net
