#include "base/address_range.h"

namespace relay {

std::string to_string(const AddressRange& range) {
  if (range.prefix_bits == 128) return to_string(range.address);
  const int written = range.address.is_v4() ? range.prefix_bits - 96 : range.prefix_bits;
  return to_string(range.address) + "/" + std::to_string(written);
}

}  // namespace relay
