#include "core/money.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace relay::core {
namespace {

TEST(Money, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_usd("0"), 0);
  EXPECT_EQ(parse_usd("12"), 12 * nano_usd_per_usd);
  EXPECT_EQ(parse_usd("0.10"), 100'000'000);
  EXPECT_EQ(parse_usd("0.000000001"), 1);
  EXPECT_EQ(parse_usd("-3.000000001"), -3'000'000'001);
  EXPECT_EQ(parse_usd("007.5"), 7'500'000'000);
  EXPECT_EQ(parse_usd("9223372036.854775807"), std::numeric_limits<NanoUsd>::max());
  EXPECT_EQ(parse_usd("-9223372036.854775807"), -std::numeric_limits<NanoUsd>::max());
}

TEST(Money, RefusesWhatItWouldHaveToGuessOrRound) {
  for (const char* text :
       {"", "-", ".", "1.", ".5", "1.0000000001", "1e3", "0x10", "+1", " 1", "1 ", "1,000", "1.5.2",
        "--1", "9223372036.854775808", "99999999999999999999999", "$1", "NaN", "1.-5"}) {
    EXPECT_EQ(parse_usd(text), std::nullopt) << text;
  }
}

TEST(Money, WritesAllOfItAndNoMore) {
  EXPECT_EQ(to_usd(0), "0");
  EXPECT_EQ(to_usd(100'000'000), "0.1");
  EXPECT_EQ(to_usd(-1), "-0.000000001");
  EXPECT_EQ(to_usd(12 * nano_usd_per_usd), "12");
  EXPECT_EQ(to_usd(std::numeric_limits<NanoUsd>::max()), "9223372036.854775807");
  EXPECT_EQ(to_usd(std::numeric_limits<NanoUsd>::min()), "-9223372036.854775808");
}

TEST(Money, ReadsBackWhatItWrote) {
  std::mt19937_64 random{20261122};
  for (int i = 0; i < 100'000; ++i) {
    const auto amount = static_cast<NanoUsd>(random()) >> (random() % 63);
    if (amount == std::numeric_limits<NanoUsd>::min()) continue;
    EXPECT_EQ(parse_usd(to_usd(amount)), amount);
  }
}

}  // namespace
}  // namespace relay::core
