#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace relay {
namespace {

constexpr std::size_t v4_at = 12;  // Where the four bytes of an IPv4 address are.

}  // namespace

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool is_v4 = address.is_v4();
  const std::uint8_t* const bytes = address.bytes.data() + (is_v4 ? v4_at : 0);
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
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
