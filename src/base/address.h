#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace relay {

// The IP address of a peer, without its port. An IPv4 address is kept in its IPv4-mapped IPv6 form,
// so that one comparison serves both. Trivially copyable.
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
  friend auto operator<=>(const Address&, const Address&) = default;
};

// "192.0.2.1" or "2001:db8::1".
std::string to_string(const Address& address);

}  // namespace relay
