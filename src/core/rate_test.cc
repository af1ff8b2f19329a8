#include "core/rate.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/token_rate.h"

namespace relay::core {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr TimePoint start{std::chrono::hours{1'000}};

int burst_of(RatePermits& permits, const Rate& rate, TimePoint now) {
  int taken = 0;
  while (permits.take(rate, now) == 0ns) ++taken;
  return taken;
}

TEST(RatePermits, GiveAWholeBurstAtOnce) {
  for (const std::int64_t count : {1, 3, 7, 60, 100, 1'000}) {
    RatePermits permits;
    EXPECT_EQ(burst_of(permits, {.count = count, .period = 60s}, start), count);
  }
}

TEST(RatePermits, SayExactlyWhenTheNextOneIsThere) {
  RatePermits permits;
  const Rate rate{.count = 7, .period = 60s};
  burst_of(permits, rate, start);
  const nanoseconds wait = permits.take(rate, start);
  EXPECT_EQ(wait, rate.interval());
  EXPECT_GT(permits.take(rate, start + wait - 1ns), 0ns);
  EXPECT_EQ(permits.take(rate, start + wait), 0ns);
  EXPECT_GT(permits.take(rate, start + wait), 0ns);
}

TEST(RatePermits, AreFullAgainAfterAPeriodOfSilence) {
  RatePermits permits;
  const Rate rate{.count = 10, .period = 60s};
  burst_of(permits, rate, start);
  EXPECT_EQ(permits.state(rate, start).remaining, 0);
  EXPECT_EQ(permits.state(rate, start).full_at, start + 60s);
  EXPECT_EQ(permits.state(rate, start + 30s).remaining, 5);
  EXPECT_EQ(burst_of(permits, rate, start + 60s), 10);
}

TEST(RatePermits, AreAsBeforeWhenOneIsGivenBack) {
  RatePermits permits;
  const Rate rate{.count = 10, .period = 60s};
  burst_of(permits, rate, start);
  permits.give_back(rate.interval());
  EXPECT_EQ(burst_of(permits, rate, start), 1);
}

TEST(RatePermits, DoNotMakeAKeyWaitForTheRateThatItHadBefore) {
  RatePermits permits;
  burst_of(permits, {.count = 2, .period = 24h}, start);
  const Rate faster{.count = 100, .period = 60s};
  EXPECT_GT(permits.take(faster, start), 0ns);
  EXPECT_LE(permits.take(faster, start), 60s);
  EXPECT_EQ(permits.take(faster, start + 1s), 0ns);
}

// I10: for every t0 and length w, no more than burst + w * N / P.
TEST(RatePermits, NeverGiveMoreInAnyStretchThanTheRateAndOneBurst) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random{seed};
  for (int round = 0; round < 50; ++round) {
    const Rate rate{.count = static_cast<std::int64_t>(1 + random() % 50),
                    .period = nanoseconds{1 + random() % 1'000'000}};
    RatePermits permits;
    std::vector<std::int64_t> taken;
    TimePoint now = start;
    for (int step = 0; step < 2'000; ++step) {
      now += rate.interval() * static_cast<std::int64_t>(random() % 301) / 100;
      if (permits.take(rate, now) == 0ns) taken.push_back((now - start).count());
    }
    for (std::size_t first = 0; first < taken.size(); first += 17) {
      for (std::size_t last = first; last < taken.size(); ++last) {
        const auto stretch = static_cast<double>(taken[last] - taken[first]);
        const double most = static_cast<double>(rate.count) *
                            (1 + stretch / static_cast<double>(rate.period.count()));
        ASSERT_LE(static_cast<double>(last - first + 1), most + 1e-6);
      }
    }
  }
}

TEST(TokenRate, HoldsUpToAMinutesWorth) {
  TokenRate tokens;
  const Rate rate{.count = 1'000};
  EXPECT_EQ(tokens.hold(rate, 600, start), 0ns);
  EXPECT_GT(tokens.hold(rate, 401, start), 0ns);
  EXPECT_EQ(tokens.hold(rate, 400, start), 0ns);
  tokens.release(600);
  EXPECT_EQ(tokens.hold(rate, 600, start), 0ns);
}

TEST(TokenRate, CountsWhatWasUsedAndNotWhatWasHeld) {
  TokenRate tokens;
  const Rate rate{.count = 1'000};
  ASSERT_EQ(tokens.hold(rate, 1'000, start), 0ns);
  tokens.use(rate, 100, start + 30s);
  tokens.release(1'000);
  EXPECT_EQ(tokens.state(rate, start + 30s).remaining, 900);
  EXPECT_EQ(tokens.hold(rate, 900, start + 30s), 0ns);
  EXPECT_EQ(tokens.hold(rate, 60, start + 30s), 60ms * 60);
}

TEST(TokenRate, LetsThroughWhatIsLargerThanAMinutesWorthOnceAllOfItIsThere) {
  TokenRate tokens;
  const Rate rate{.count = 1'000};
  ASSERT_EQ(tokens.hold(rate, 5'000, start), 0ns);
  EXPECT_GT(tokens.hold(rate, 1, start), 0ns);
  tokens.use(rate, 5'000, start);
  tokens.release(5'000);
  EXPECT_EQ(tokens.hold(rate, 1, start), 4min + 60ms);
  EXPECT_EQ(tokens.hold(rate, 1, start + 4min + 60ms), 0ns);
}

TEST(TokenRate, LetsNoDebtGrowBeyondTenMinutes) {
  TokenRate tokens;
  const Rate rate{.count = 1'000};
  for (int i = 0; i < 100; ++i) tokens.use(rate, 1'000'000'000, start);
  EXPECT_LE(tokens.hold(rate, 1, start), 10min);
  EXPECT_EQ(tokens.state(rate, start).remaining, 0);
  EXPECT_EQ(tokens.hold(rate, 1'000, start + 10min), 0ns);
}

}  // namespace
}  // namespace relay::core
