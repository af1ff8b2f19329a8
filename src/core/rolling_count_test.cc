#include "core/rolling_count.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace relay::core {
namespace {

constexpr PeriodNumber start = 1'900'000;

TEST(RollingCount, LetsGoOfAQuarterFiveHoursAfterItsEnd) {
  RollingCount count;
  count.begin(start);
  ASSERT_TRUE(count.take(start, 100, 100));
  for (PeriodNumber later = 0; later <= 20; ++later) {
    EXPECT_FALSE(count.take(start + later, 1, 100)) << later;
    EXPECT_EQ(count.in(start + later), 100);
  }
  EXPECT_EQ(count.in(start + 21), 0);
  EXPECT_TRUE(count.take(start + 21, 100, 100));
}

TEST(RollingCount, SettlesInTheQuarterInWhichItWasTaken) {
  RollingCount count;
  count.begin(start);
  const auto tag = count.take(start, 50, 100);
  ASSERT_TRUE(count.take(start + 3, 50, 100));
  count.add(start, *tag, -40);
  EXPECT_EQ(count.in(start + 3), 60);
  EXPECT_EQ(count.in(start + 21), 50);
  EXPECT_EQ(count.in(start + 24), 0);
}

TEST(RollingCount, ForgetsWhatIsSettledWhenItsQuarterHasLeft) {
  RollingCount count;
  count.begin(start);
  const auto tag = count.take(start, 50, 100);
  ASSERT_TRUE(count.take(start + 21, 10, 100));
  count.add(start, *tag, -40);
  EXPECT_EQ(count.in(start + 21), 10);
}

TEST(RollingCount, CountsWhatIsNotLimitedForALimitToCome) {
  RollingCount count;
  count.begin(start);
  for (PeriodNumber later = 0; later < 100; ++later) {
    count.add(start + later, RollingCount::tag_of(start + later), 10);
  }
  EXPECT_EQ(count.in(start + 99), 210);
  EXPECT_FALSE(count.take(start + 99, 1, 210));
  EXPECT_TRUE(count.take(start + 100, 10, 210));
}

TEST(RollingCount, IsLoadedByQuarters) {
  RollingCount count;
  count.begin(start);
  for (PeriodNumber before = 0; before <= 20; ++before) count.load(start - before, 1);
  EXPECT_EQ(count.in(start), 21);
  EXPECT_EQ(count.in(start + 1), 20);
  EXPECT_FALSE(count.take(start, 1, 21));
  EXPECT_TRUE(count.take(start + 1, 1, 21));
}

TEST(RollingCount, SaysWhenThereWillBeRoom) {
  RollingCount count;
  count.begin(start);
  ASSERT_TRUE(count.take(start, 30, 100));
  ASSERT_TRUE(count.take(start + 4, 70, 100));
  EXPECT_EQ(count.when_down_to(100, start + 4), start + 4);
  EXPECT_EQ(count.when_down_to(99, start + 4), start + 21);
  EXPECT_EQ(count.when_down_to(70, start + 4), start + 21);
  EXPECT_EQ(count.when_down_to(69, start + 4), start + 25);
  EXPECT_EQ(count.when_down_to(0, start + 4), start + 25);
}

TEST(RollingCount, KeepsWhatItHasWhenTheClockIsSetBack) {
  RollingCount count;
  count.begin(start);
  ASSERT_TRUE(count.take(start, 100, 100));
  EXPECT_FALSE(count.take(start - 8, 1, 100));
  EXPECT_TRUE(count.take(start + 21, 100, 100));
  EXPECT_TRUE(count.take(start - 100, 100, 100)) << "a time that never was leaves with it";
}

TEST(RollingCount, AgreesWithASlowReference) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random{seed};
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  struct Entry {
    PeriodNumber quarter;
    std::int64_t amount;
    PeriodTag tag;
  };
  RollingCount count;
  count.begin(start);
  std::deque<Entry> entries;
  PeriodNumber now = start;
  for (int step = 0; step < 20'000; ++step) {
    if (below(8) == 0) now += static_cast<PeriodNumber>(below(below(20) == 0 ? 60 : 4));
    while (!entries.empty() && entries.front().quarter + 20 < now) entries.pop_front();
    std::int64_t sum = 0;
    for (const Entry& entry : entries) sum += entry.amount;
    ASSERT_EQ(count.in(now), sum) << "step " << step;

    const std::int64_t amount = below(40);
    if (below(3) == 0) {
      count.add(now, RollingCount::tag_of(now), amount);
      entries.push_back({now, amount, RollingCount::tag_of(now)});
    } else if (!entries.empty() && below(2) == 0) {
      Entry& entry = entries[static_cast<std::size_t>(below(static_cast<int>(entries.size())))];
      const std::int64_t change = below(30) - std::min<std::int64_t>(entry.amount, 15);
      count.add(entry.quarter, entry.tag, change);
      entry.amount += change;
    } else {
      const auto tag = count.take(now, amount, 300);
      ASSERT_EQ(tag.has_value(), sum + amount <= 300) << "step " << step;
      if (tag) entries.push_back({now, amount, *tag});
    }
  }
}

}  // namespace
}  // namespace relay::core
