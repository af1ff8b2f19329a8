#include "base/address_range.h"

#include <algorithm>
#include <charconv>

namespace relay {

std::string to_string(const AddressRange& range) {
  if (range.prefix_bits == 128) return to_string(range.address);
  const int written = range.address.is_v4() ? range.prefix_bits - 96 : range.prefix_bits;
  return to_string(range.address) + "/" + std::to_string(written);
}

std::optional<AddressRange> parse_address_range(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const std::optional<Address> address = parse_address(text.substr(0, slash));
  if (!address || slash == std::string_view::npos) {
    return address ? std::optional{AddressRange{*address}} : std::nullopt;
  }
  const int bits_max = address->is_v4() ? 32 : 128;
  const std::string_view written = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), bits);
  const bool is_whole = error == std::errc{} && end == written.data() + written.size();
  if (!is_whole || bits < 0 || bits > bits_max) return std::nullopt;
  return AddressRange{*address, bits + 128 - bits_max};
}

AddressRange canonical(const AddressRange& range) noexcept {
  AddressRange network = range;
  for (int bit = range.prefix_bits; bit < 128; ++bit) {
    network.address.bytes[static_cast<std::size_t>(bit / 8)] &=
        static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  return network;
}

bool contains(std::span<const AddressRange> ranges, const Address& address) noexcept {
  return std::ranges::any_of(ranges, [&](const auto& range) { return range.contains(address); });
}

}  // namespace relay
