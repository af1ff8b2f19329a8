#include "net/endpoint.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

namespace relay::net {
namespace {

constexpr std::size_t v4_at = 12;  // Where the four bytes of an IPv4 address are in an Address.

Address mapped(std::span<const std::uint8_t, 4> v4) noexcept {
  Address address;
  address.bytes[10] = address.bytes[11] = 0xff;
  std::ranges::copy(v4, address.bytes.begin() + v4_at);
  return address;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

Endpoint Endpoint::loopback(std::uint16_t port) noexcept {
  static constexpr std::array<std::uint8_t, 4> localhost = {127, 0, 0, 1};
  return {mapped(localhost), port};
}

SocketAddress to_socket_address(const Endpoint& endpoint) noexcept {
  SocketAddress address;
  if (endpoint.address.is_v4()) {
    sockaddr_in v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.bytes.data() + v4_at, sizeof v4.sin_addr);
    std::memcpy(&address.bytes, &v4, sizeof v4);
    address.size = sizeof v4;
  } else {
    sockaddr_in6 v6 = {};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&address.bytes, &v6, sizeof v6);
    address.size = sizeof v6;
  }
  return address;
}

Endpoint to_endpoint(const SocketAddress& address) noexcept {
  Endpoint endpoint;
  if (address.bytes.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &address.bytes, sizeof v4);
    std::array<std::uint8_t, 4> bytes = {};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    endpoint = {mapped(bytes), ntohs(v4.sin_port)};
  } else if (address.bytes.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &address.bytes, sizeof v6);
    std::memcpy(endpoint.address.bytes.data(), &v6.sin6_addr, endpoint.address.bytes.size());
    endpoint.port = ntohs(v6.sin6_port);
  }
  return endpoint;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) noexcept {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const std::optional<Address> address = parse_address(host);
  if (!port || !address || is_bracketed != host.contains(':')) return std::nullopt;
  return Endpoint{*address, *port};
}

std::string to_string(const Endpoint& endpoint) {
  const std::string address = to_string(endpoint.address);
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v4() ? address + ":" + port : "[" + address + "]:" + port;
}

}  // namespace relay::net
