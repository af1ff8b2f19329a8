#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/put.h"

namespace relay {
namespace {

constexpr std::size_t v4_at = 12;  // Where the four bytes of an IPv4 address are.

// By hand where it is easy: it is written for every exchange.
std::string v4_text(const Address& address) {
  constexpr std::size_t chars_max = sizeof "255.255.255.255";
  char text[chars_max + decimal_chars_max];
  char* to = text;
  for (std::size_t i = v4_at; i < address.bytes.size(); ++i) {
    to = put_number(to, unsigned{address.bytes[i]});
    *to++ = '.';
  }
  return {text, static_cast<std::size_t>(to - text - 1)};
}

}  // namespace

std::string to_string(const Address& address) {
  if (address.is_v4()) return v4_text(address);
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
  return text;
}

std::optional<Address> parse_address(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated = {};
  if (text.size() >= terminated.size() || text.contains('\0')) return std::nullopt;
  std::ranges::copy(text, terminated.begin());

  Address address;
  if (::inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1) return address;
  address.bytes[v4_at - 2] = address.bytes[v4_at - 1] = 0xff;
  if (::inet_pton(AF_INET, terminated.data(), address.bytes.data() + v4_at) == 1) return address;
  return std::nullopt;
}

std::uint64_t network_of(const Address& address) noexcept {
  std::uint64_t network = 0;
  std::memcpy(&network, address.bytes.data() + (address.is_v4() ? 8 : 0), sizeof network);
  return network;
}

}  // namespace relay
