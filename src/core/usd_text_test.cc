#include "core/usd_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace relay::core {
namespace {

TEST(UsdText, ReadsWhatJsonCallsANumberToTheNanoDollar) {
  EXPECT_EQ(parse_usd("0"), 0);
  EXPECT_EQ(parse_usd("-0.0"), 0);
  EXPECT_EQ(parse_usd("12.5"), 12'500'000'000);
  EXPECT_EQ(parse_usd("0.1"), 100'000'000);
  EXPECT_EQ(parse_usd("0.000000001"), 1);
  EXPECT_EQ(parse_usd("1.1000000000000000000"), 1'100'000'000);
  EXPECT_EQ(parse_usd("1e-7"), 100);
  EXPECT_EQ(parse_usd("2.5E+3"), 2'500'000'000'000);
  EXPECT_EQ(parse_usd("-3.25"), -3'250'000'000);
  EXPECT_EQ(parse_usd("9223372036.854775807"), std::numeric_limits<NanoUsd>::max());
}

TEST(UsdText, RefusesWhatItCannotKeepExactly) {
  for (const char* const text : {"",
                                 "-",
                                 "1.",
                                 ".5",
                                 "01",
                                 "+1",
                                 "1e",
                                 "1e+",
                                 "0x1",
                                 "1,5",
                                 "1 ",
                                 " 1",
                                 "nan",
                                 "inf",
                                 "0.0000000001",
                                 "1.0000000001",
                                 "1e-10",
                                 "9223372036.854775808",
                                 "1e18",
                                 "1e999999999999",
                                 "99999999999999999999"}) {
    EXPECT_EQ(parse_usd(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_usd("0." + std::string(100, '0')), std::nullopt);
}

TEST(UsdText, WritesTheShortestDecimal) {
  EXPECT_EQ(usd_text(0), "0");
  EXPECT_EQ(usd_text(1), "0.000000001");
  EXPECT_EQ(usd_text(100), "0.0000001");
  EXPECT_EQ(usd_text(12'500'000'000), "12.5");
  EXPECT_EQ(usd_text(-3'000'000'000), "-3");
  EXPECT_EQ(usd_text(-1), "-0.000000001");
  EXPECT_EQ(usd_text(std::numeric_limits<NanoUsd>::min()), "-9223372036.854775808");
}

TEST(UsdText, ReadsEverySumThatItWrites) {
  std::mt19937_64 random{20261123};
  for (int i = 0; i < 10'000; ++i) {
    const auto sum = static_cast<NanoUsd>(random() >> (random() % 64));
    ASSERT_EQ(parse_usd(usd_text(sum)), sum);
  }
}

}  // namespace
}  // namespace relay::core
