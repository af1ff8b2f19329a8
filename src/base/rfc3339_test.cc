#include "base/rfc3339.h"

#include <gtest/gtest.h>

namespace relay {
namespace {

TEST(Rfc3339, ReadsWhatItWrites) {
  const std::optional<WallTime> time = parse_rfc3339("2026-02-28T23:59:59.125Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(to_rfc3339(*time), "2026-02-28T23:59:59.125Z");
}

TEST(Rfc3339, WritesADateAlone) {
  using namespace std::chrono_literals;
  EXPECT_EQ(rfc3339_date(2026y / 2 / 3), "2026-02-03");
}

TEST(Rfc3339, TakesOffsetsAndFractionsOfAnyLength) {
  EXPECT_EQ(parse_rfc3339("2026-01-01T08:00:00+08:00"), parse_rfc3339("2026-01-01T00:00:00Z"));
  EXPECT_EQ(parse_rfc3339("2026-01-01t00:00:00.123456789z"),
            parse_rfc3339("2026-01-01T00:00:00.123Z"));
}

TEST(Rfc3339, WritesNoYearThatFourDigitsCannotTell) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("9999-12-31T23:59:59-12:00")), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("0000-01-01T00:00:00+12:00")), "0000-01-01T00:00:00.000Z");
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* const text : {"", "2026-01-01", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
                                 "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "soon"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace relay
