#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

// The IP address of a peer, without its port. An IPv4 address is kept in its IPv4-mapped IPv6 form,
// so that one comparison serves both. All zeros is the unspecified address, which no peer has: it
// stands for one that is not known. Trivially copyable.
struct Address {
  std::array<std::uint8_t, 16> bytes = {};

  [[nodiscard]] bool is_v4() const noexcept {
    static constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0,    0,
                                                            0, 0, 0, 0, 0xff, 0xff};
    for (std::size_t i = 0; i < mapped.size(); ++i) {
      if (bytes[i] != mapped[i]) return false;
    }
    return true;
  }
  [[nodiscard]] bool is_known() const noexcept { return *this != Address{}; }

  friend auto operator<=>(const Address&, const Address&) = default;
};

// "192.0.2.1" or "2001:db8::1"; "::" where it is not known.
std::string to_string(const Address& address);

// "192.0.2.1" or "2001:db8::1", without brackets, zone or leading zeros.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text) noexcept;

// What one customer of a provider is given: an IPv4 address, or 64 bits of IPv6. Strangers are
// counted by it, who could otherwise take another address for every try.
[[nodiscard]] std::uint64_t network_of(const Address& address) noexcept;

}  // namespace relay
