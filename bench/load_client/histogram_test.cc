#include "load_client/histogram.h"

#include <gtest/gtest.h>

namespace relay::bench {
namespace {

TEST(Histogram, GivesQuantilesWithinTwoPercent) {
  Histogram histogram;
  for (int value = 1; value <= 100'000; ++value) histogram.add(value);
  EXPECT_EQ(histogram.count(), 100'000);
  EXPECT_NEAR(histogram.quantile(0.50), 50'000, 1'000);
  EXPECT_NEAR(histogram.quantile(0.99), 99'000, 2'000);
  EXPECT_NEAR(histogram.mean(), 50'000, 1);
}

TEST(Histogram, IsExactForSmallValues) {
  Histogram histogram;
  for (const int value : {3, 5, 63}) histogram.add(value);
  EXPECT_EQ(histogram.quantile(0.0), 3);
  EXPECT_EQ(histogram.quantile(0.5), 5);
  EXPECT_EQ(histogram.quantile(1.0), 63);
}

TEST(Histogram, KeepsWhatIsOutOfRangeAtItsEnds) {
  Histogram histogram;
  histogram.add(-1);
  histogram.add(INT64_MAX);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_GT(histogram.quantile(1.0), 1e12);
}

TEST(Histogram, OfNothingIsZero) {
  EXPECT_EQ(Histogram{}.quantile(0.5), 0);
  EXPECT_EQ(Histogram{}.mean(), 0);
}

}  // namespace
}  // namespace relay::bench
