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

TEST(AddressRange, NeverContainsAnAddressThatIsNotKnown) {
  EXPECT_FALSE((AddressRange{{}, 0}).contains(Address{}));
  EXPECT_FALSE((AddressRange{}).contains(Address{}));
}

TEST(AddressRange, IsReadAsItIsWritten) {
  for (const char* text :
       {"10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "fc00::/7", "2001:db8::1", "::/0"}) {
    const auto range = parse_address_range(text);
    ASSERT_TRUE(range.has_value()) << text;
    EXPECT_EQ(to_string(*range), text);
    EXPECT_EQ(canonical(*range), *range) << text;
  }
  EXPECT_EQ(parse_address_range("::ffff:10.0.0.1"), parse_address_range("10.0.0.1"));
  for (const char* text :
       {"", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
        "10.0.0/8", "a/8", "[::1]", "fe80::1%eth0"}) {
    EXPECT_FALSE(parse_address_range(text).has_value()) << text;
  }
}

TEST(AddressRange, HasBitsBeyondItsPrefixTakenAway) {
  EXPECT_EQ(canonical(*parse_address_range("10.1.2.3/8")), parse_address_range("10.0.0.0/8"));
  EXPECT_EQ(canonical(*parse_address_range("2001:db8::1/33")),
            parse_address_range("2001:db8::/33"));
}

TEST(Address, BelongsToANetworkThatOneCustomerHas) {
  const auto network = [](const char* text) { return network_of(*parse_address(text)); };
  EXPECT_NE(network("192.0.2.1"), network("192.0.2.2"));
  EXPECT_EQ(network("2001:db8::1"), network("2001:db8::ffff:1"));
  EXPECT_NE(network("2001:db8::1"), network("2001:db8:0:1::1"));
}

}  // namespace
}  // namespace relay
