#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"

namespace relay {

// The addresses that share their first bits: "10.0.0.0/8", "2001:db8::/32", or one address alone.
struct AddressRange {
  Address address;
  int prefix_bits = 128;  // Of the IPv6 form: 96 more than what is written for IPv4.

  // Never an address that is not known, however wide the range.
  [[nodiscard]] bool contains(const Address& other) const noexcept {
    if (!other.is_known()) return false;
    const auto whole = static_cast<std::size_t>(prefix_bits / 8);
    for (std::size_t i = 0; i < whole; ++i) {
      if (other.bytes[i] != address.bytes[i]) return false;
    }
    const int rest = prefix_bits % 8;
    return rest == 0 || (other.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
  }
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

std::string to_string(const AddressRange& range);

// What to_string() writes; bits beyond the prefix are kept, and mean nothing.
[[nodiscard]] std::optional<AddressRange> parse_address_range(std::string_view text) noexcept;

// The same range without bits beyond its prefix.
[[nodiscard]] AddressRange canonical(const AddressRange& range) noexcept;

// Whether one of them contains it.
[[nodiscard]] bool contains(std::span<const AddressRange> ranges, const Address& address) noexcept;

}  // namespace relay
