#include "core/allowance.h"

#include <gtest/gtest.h>

#include "base/rfc3339.h"
#include "core/allowance_view.h"

namespace relay::core {
namespace {

using namespace std::chrono_literals;
using Limit = Refusal::Limit;

struct AllowanceTest : testing::Test {
  AllowanceTest() { clock.set_wall(parse_rfc3339("2026-11-25T12:00:00Z").value()); }
  Periods periods() const { return periods_at(zone, clock.wall()); }
  std::expected<Grant, Refusal> take(Hold hold, bool is_count_tokens = false) {
    return allowance.take(terms,
                          {.hold = hold,
                           .is_count_tokens = is_count_tokens,
                           .periods = periods(),
                           .wall = clock.wall()},
                          clock);
  }
  // Whether an exchange that costs nothing was let through.
  bool passes(bool is_count_tokens = false) {
    auto grant = take({}, is_count_tokens);
    if (grant) grant->settle({}, 0);
    return grant.has_value();
  }
  AllowanceView view() const { return view_of(allowance, terms, zone, clock); }

  TimeZone zone;
  ManualClock clock;
  Allowance allowance{periods_at(TimeZone{}, parse_rfc3339("2026-11-25T12:00:00Z").value())};
  AllowanceTerms terms;
};

TEST_F(AllowanceTest, LetsAKeyWithoutLimitsThrough) {
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(take({1'000'000'000, 1'000'000'000'000}));
  EXPECT_EQ(allowance.live(), 0);
}

TEST_F(AllowanceTest, GivesEverythingBackOnce) {
  terms.token_limits[Window::day] = 100;
  terms.cost_limits[Window::month] = 100;
  terms.concurrency = 1;
  terms.tokens = {.count = 100};
  {
    auto grant = take({100, 100});
    ASSERT_TRUE(grant);
    Grant moved = std::move(*grant);
    Grant again = std::move(moved);
    EXPECT_EQ(allowance.live(), 1);
  }
  EXPECT_EQ(allowance.live(), 0);
  EXPECT_TRUE(take({100, 100}));
  EXPECT_EQ(view().tokens[Window::day].held, 0);
  EXPECT_EQ(view().cost[Window::month].held, 0);
}

TEST_F(AllowanceTest, ChargesWhatWasUsed) {
  terms.token_limits[Window::total] = 1'000;
  auto grant = take({600, 50});
  grant->settle({.input = 100, .output = 20}, 7);
  EXPECT_EQ(allowance.live(), 0);
  EXPECT_EQ(view().tokens[Window::total].used, 120);
  EXPECT_EQ(view().tokens[Window::total].remaining(), 880);
  EXPECT_EQ(view().cost[Window::total].used, 7);
  EXPECT_EQ(allowance.output_p95(), 20);
}

TEST_F(AllowanceTest, TakesNothingWhenSomethingIsMissing) {
  terms.token_limits[Window::total] = 1'000;
  terms.cost_limits[Window::day] = 10;
  terms.concurrency = 5;
  terms.requests = {.count = 3, .period = 60s};
  terms.tokens = {.count = 1'000};
  for (int i = 0; i < 10; ++i) {
    const auto refused = take({500, 11});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().limit, Limit::cost);
    EXPECT_EQ(refused.error().window, Window::day);
  }
  EXPECT_EQ(allowance.live(), 0);
  EXPECT_EQ(view().requests.remaining, 3);
  EXPECT_EQ(view().tokens[Window::total].remaining(), 1'000);
  EXPECT_EQ(view().tokens_per_minute.remaining, 1'000);
}

TEST_F(AllowanceTest, SaysWhichLimitItWas) {
  terms.requests = {.count = 1, .period = 60s};
  ASSERT_TRUE(passes());
  auto refused = take({});
  EXPECT_EQ(refused.error().limit, Limit::requests);
  EXPECT_EQ(refused.error().wait, 60s);

  terms = {.concurrency = 1};
  const auto running = take({});
  EXPECT_EQ(take({}).error().limit, Limit::concurrency);

  terms = {.tokens = {.count = 10}};
  const auto holding = take({10, 0});
  EXPECT_EQ(take({5, 0}).error().limit, Limit::token_rate);
  EXPECT_EQ(take({5, 0}).error().wait, 30s);

  terms = {};
  terms.token_limits[Window::week] = 5;
  refused = take({6, 0});
  EXPECT_EQ(refused.error().limit, Limit::tokens);
  EXPECT_EQ(refused.error().window, Window::week);
  EXPECT_EQ(refused.error().wanted, 6);
}

TEST_F(AllowanceTest, CountsRequestsToCountTokensApart) {
  terms.requests = {.count = 1, .period = 60s};
  terms.count_tokens = {.count = 2, .period = 60s};
  EXPECT_TRUE(passes(true));
  EXPECT_TRUE(passes(true));
  EXPECT_EQ(take({}, true).error().limit, Limit::count_tokens);
  EXPECT_TRUE(passes());
  EXPECT_FALSE(passes());
}

TEST_F(AllowanceTest, KeepsAPermitThatWasUsedForNothing) {
  terms.requests = {.count = 1, .period = 60s};
  EXPECT_TRUE(passes());
  EXPECT_FALSE(passes());
  clock.advance(60s);
  EXPECT_TRUE(take({})) << "and gives back one of which nothing came";
  EXPECT_TRUE(passes());
}

TEST_F(AllowanceTest, RemembersWhenItWasUsed) {
  EXPECT_EQ(allowance.first_used(), std::nullopt);
  const WallTime first = clock.wall();
  ASSERT_TRUE(take({}));
  clock.advance(1h);
  ASSERT_TRUE(take({}));
  EXPECT_EQ(allowance.first_used(), first);
  EXPECT_EQ(allowance.last_used(), first + 1h);
}

TEST_F(AllowanceTest, CountsTokensByTheMinuteAsTheyWereUsed) {
  terms.tokens = {.count = 1'000};
  auto grant = take({900, 0});
  clock.advance(30s);
  grant->settle({.input = 100}, 0);
  EXPECT_EQ(view().tokens_per_minute.remaining, 900);
  EXPECT_TRUE(take({900, 0}));
}

TEST_F(AllowanceTest, ChargesWhatHadNoHold) {
  allowance.charge(periods(), 40, 3);
  EXPECT_EQ(view().tokens[Window::five_hours].used, 40);
  EXPECT_EQ(view().cost[Window::month].used, 3);
}

TEST_F(AllowanceTest, ShowsHowMuchOfALimitIsUsed) {
  EXPECT_EQ(token_quota_ratio(allowance, terms, periods()), std::nullopt);
  terms.token_limits[Window::total] = 200;
  terms.token_limits[Window::day] = 50;
  allowance.charge(periods(), 40, 3);
  EXPECT_DOUBLE_EQ(token_quota_ratio(allowance, terms, periods()).value(), 0.8);
}

TEST(AllowanceTerms, AreThoseOfTheKeyAndItsTier) {
  const Tier tier{.name = "basic", .requests = 100, .period = 30s, .tokens_per_minute = 5'000};
  KeyTerms key;
  AllowanceTerms terms = allowance_terms(key, nullptr, 0);
  EXPECT_FALSE(terms.requests.is_limited() || terms.tokens.is_limited() || terms.concurrency != 0);
  EXPECT_FALSE(terms.counts_tokens || terms.counts_cost);

  terms = allowance_terms(key, &tier, 8);
  EXPECT_EQ(terms.requests, (Rate{100, 30s}));
  EXPECT_EQ(terms.count_tokens, (Rate{100, 30s}));
  EXPECT_EQ(terms.tokens, (Rate{5'000, 60s}));
  EXPECT_EQ(terms.concurrency, 8);
  EXPECT_TRUE(terms.counts_tokens);

  key.concurrency = 2;
  key.cost_limits[Window::week] = 1;
  terms = allowance_terms(key, nullptr, 8);
  EXPECT_EQ(terms.concurrency, 2);
  EXPECT_TRUE(terms.counts_cost && terms.counts_tokens);
}

TEST(OutputSizes, KnowWhatNineteenOfTwentyDoNotExceed) {
  OutputSizes sizes;
  EXPECT_EQ(sizes.p95(), 0);
  sizes.add(7);
  EXPECT_EQ(sizes.p95(), 7);
  for (int i = 1; i <= 1'000; ++i) sizes.add(i);
  EXPECT_EQ(sizes.p95(), 997) << "of the last 64";
}

}  // namespace
}  // namespace relay::core
