#pragma once

#include <string>

#include "base/address.h"

namespace relay {

// The addresses that share their first bits: "10.0.0.0/8", "2001:db8::/32", or one address alone.
struct AddressRange {
  Address address;
  int prefix_bits = 128;  // Of the IPv6 form: 96 more than what is written for IPv4.

  [[nodiscard]] bool contains(const Address& other) const noexcept {
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

}  // namespace relay
