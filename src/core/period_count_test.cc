#include "core/period_count.h"

#include <gtest/gtest.h>

#include <limits>

namespace relay::core {
namespace {

using Count = PeriodCount<12, 512>;
constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

TEST(PeriodCount, TakesUpToItsLimitAndNoMore) {
  Count count;
  count.begin(7);
  EXPECT_TRUE(count.take(7, 60, 100));
  EXPECT_FALSE(count.take(7, 41, 100));
  EXPECT_TRUE(count.take(7, 40, 100));
  EXPECT_FALSE(count.take(7, 1, 100));
  EXPECT_EQ(count.in(7), 100);
}

TEST(PeriodCount, RefusesWhatIsLargerThanTheLimitWithoutOverflow) {
  Count count;
  count.begin(7);
  EXPECT_FALSE(count.take(7, any, any - 1));
  EXPECT_FALSE(count.take(7, 1, 0));
}

TEST(PeriodCount, BeginsAnewWithTheNextPeriod) {
  Count count;
  count.begin(7);
  ASSERT_TRUE(count.take(7, 100, 100));
  EXPECT_EQ(count.in(8), 0);
  EXPECT_TRUE(count.take(8, 100, 100));
  EXPECT_EQ(count.in(8), 100);
}

TEST(PeriodCount, IgnoresWhatIsSettledAfterItsPeriod) {
  Count count;
  count.begin(7);
  const auto tag = count.take(7, 50, 100);
  ASSERT_TRUE(count.take(8, 10, 100));
  EXPECT_FALSE(count.add(*tag, -20));
  EXPECT_EQ(count.in(8), 10);
}

TEST(PeriodCount, SettlesWhatWasTaken) {
  Count count;
  count.begin(7);
  const auto tag = count.take(7, 50, 100);
  EXPECT_EQ(count.add(*tag, -20), 0);
  EXPECT_EQ(count.in(7), 30);
  EXPECT_EQ(count.add(*tag, 100), 0) << "more than was held may be used";
  EXPECT_EQ(count.in(7), 130);
}

TEST(PeriodCount, CountsWhatNobodyTookBeforehand) {
  Count count;
  count.begin(7, 5);
  EXPECT_EQ(count.add(Count::tag_of(9), 30), 5) << "what was there of the period before";
  EXPECT_EQ(count.in(9), 30);
}

TEST(PeriodCount, CountsInTheNextPeriodWhenAnotherClockWasThereFirst) {
  Count count;
  count.begin(7);
  ASSERT_TRUE(count.take(8, 60, 100));
  const auto tag = count.take(7, 40, 100);
  EXPECT_EQ(tag, Count::tag_of(8));
  EXPECT_FALSE(count.take(7, 1, 100));
  EXPECT_FALSE(count.take(8, 1, 100));
}

TEST(PeriodCount, KeepsItsAmountWhenTheClockWasSetBack) {
  Count count;
  count.begin(20);
  ASSERT_TRUE(count.take(20, 60, 100));
  EXPECT_FALSE(count.take(10, 41, 100));
  EXPECT_TRUE(count.take(10, 40, 100));
  EXPECT_FALSE(count.take(10, 1, 100));
  EXPECT_TRUE(count.take(11, 1, 100));
}

TEST(PeriodCount, GoesOnWhereTheNumbersOfPeriodsBeginAnew) {
  Count count;
  count.begin(4095, 60);
  EXPECT_EQ(count.in(4095), 60);
  EXPECT_EQ(count.in(4096), 0);
  EXPECT_TRUE(count.take(4096, 10, 100));
  EXPECT_EQ(count.in(4096), 10);
  EXPECT_EQ(count.in(4096 + 3500), 0);
}

TEST(PeriodCount, NeverWrapsAround) {
  Count count;
  count.begin(1);
  count.add(1, -5);
  EXPECT_EQ(count.in(1), 0);
  count.add(1, Count::amount_max);
  count.add(1, Count::amount_max);
  EXPECT_EQ(count.in(1), Count::amount_max);
}

TEST(PeriodCount, IsReplacedByOneOnly) {
  Count count;
  count.begin(1, 10);
  const Count::Content seen = count.content();
  EXPECT_TRUE(count.replace(seen, 2));
  EXPECT_FALSE(count.replace(seen, 2));
}

}  // namespace
}  // namespace relay::core
