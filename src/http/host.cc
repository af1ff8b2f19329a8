#include "http/host.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

#include "http/characters.h"

namespace relay::http {
namespace {

constexpr std::size_t port_digits_max = 5;
constexpr unsigned port_max = 65'535;

bool is_valid_port(std::string_view port) noexcept {
  if (port.empty() || port.size() > port_digits_max) return false;
  unsigned value = 0;
  for (const char c : port) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= port_max;
}

bool is_ipv6_address(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated = {};
  if (text.size() >= terminated.size()) return false;
  std::memcpy(terminated.data(), text.data(), text.size());
  in6_addr ignored;
  return ::inet_pton(AF_INET6, terminated.data(), &ignored) == 1;
}

// How many bytes the host takes without its port; 0 if there is none.
std::size_t name_bytes(std::string_view host) noexcept {
  if (!host.starts_with('[')) return run_of(CharClass::host, host);
  const std::size_t close = host.find(']');
  if (close == std::string_view::npos || !is_ipv6_address(host.substr(1, close - 1))) return 0;
  return close + 1;
}

}  // namespace

bool is_valid_host(std::string_view host) noexcept {
  const std::size_t n = name_bytes(host);
  if (n == 0) return false;
  const std::string_view rest = host.substr(n);
  return rest.empty() || (rest.front() == ':' && is_valid_port(rest.substr(1)));
}

}  // namespace relay::http
