#include "base/address_range.h"

#include <gtest/gtest.h>

namespace relay {
namespace {

Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
}

TEST(AddressRange, ContainsWhatSharesItsFirstBits) {
  const AddressRange range{v4(172, 16, 0, 0), 96 + 12};
  EXPECT_TRUE(range.contains(v4(172, 16, 0, 0)));
  EXPECT_TRUE(range.contains(v4(172, 31, 255, 255)));
  EXPECT_FALSE(range.contains(v4(172, 32, 0, 0)));
  EXPECT_FALSE(range.contains(v4(172, 15, 255, 255)));
}

TEST(AddressRange, MayBeOneAddressOrAll) {
  const AddressRange one{v4(10, 0, 0, 1)};
  EXPECT_TRUE(one.contains(v4(10, 0, 0, 1)));
  EXPECT_FALSE(one.contains(v4(10, 0, 0, 2)));
  EXPECT_TRUE((AddressRange{{}, 0}).contains(v4(10, 0, 0, 2)));
}

// An IPv6 peer is in no IPv4 range, whatever its last bytes are.
TEST(AddressRange, KeepsTheFamiliesApart) {
  Address v6 = v4(10, 0, 0, 1);
  v6.bytes[10] = 0;
  EXPECT_FALSE((AddressRange{v4(10, 0, 0, 0), 96 + 8}).contains(v6));
}

TEST(AddressRange, IsWrittenAsPeopleDo) {
  EXPECT_EQ(to_string(AddressRange{v4(10, 0, 0, 0), 96 + 8}), "10.0.0.0/8");
  EXPECT_EQ(to_string(AddressRange{v4(10, 0, 0, 1)}), "10.0.0.1");
  EXPECT_EQ(to_string(AddressRange{{{0xfc}}, 7}), "fc00::/7");
  EXPECT_EQ(to_string(AddressRange{{}, 0}), "::/0");
}

}  // namespace
}  // namespace relay
