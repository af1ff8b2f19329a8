#include "exchange/retry.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace relay::exchange {
namespace {

using namespace std::chrono_literals;

http::AnswerHead answer(int status,
                        std::initializer_list<std::pair<const char*, const char*>> fields = {}) {
  http::AnswerHead head{.status = status};
  for (const auto& [name, value] : fields) head.fields.add(name, value);
  return head;
}

TEST(RetryAdvice, WantsAnotherTryWhereTheUpstreamIsInTrouble) {
  for (const int status : {429, 500, 502, 503, 504, 529}) {
    EXPECT_TRUE(retry_advice(answer(status)).is_wanted) << status;
  }
  for (const int status : {200, 400, 401, 403, 404, 413}) {
    EXPECT_FALSE(retry_advice(answer(status)).is_wanted) << status;
  }
}

TEST(RetryAdvice, LetsTheUpstreamOverruleTheStatus) {
  EXPECT_TRUE(retry_advice(answer(400, {{"x-should-retry", "true"}})).is_wanted);
  EXPECT_FALSE(retry_advice(answer(503, {{"x-should-retry", "false"}})).is_wanted);
}

// It will be billed, so it is not thrown away for another one.
TEST(RetryAdvice, KeepsAnAnswerThatIsNoError) {
  for (const int status : {200, 201, 204, 304, 307}) {
    EXPECT_FALSE(retry_advice(answer(status, {{"x-should-retry", "true"}})).is_wanted) << status;
  }
}

TEST(RetryAdvice, LeavesALongWaitToTheClientOrToAnotherUpstream) {
  EXPECT_FALSE(retry_advice(answer(429, {{"retry-after", "2"}})).is_elsewhere_only);
  EXPECT_TRUE(retry_advice(answer(429, {{"retry-after", "3600"}})).is_elsewhere_only);
}

TEST(RetryAfter, PrefersMillisecondsAndIgnoresNonsense) {
  EXPECT_EQ(retry_after(answer(429, {{"retry-after", "2"}}).fields), 2000ms);
  EXPECT_EQ(retry_after(answer(429, {{"retry-after-ms", "150"}, {"retry-after", "2"}}).fields),
            150ms);
  EXPECT_EQ(retry_after(answer(429, {{"retry-after", "-1"}}).fields), std::nullopt);
  EXPECT_EQ(retry_after(answer(429, {{"retry-after", "soon"}}).fields), std::nullopt);
}

TEST(RetryDelay, IsAnywhereUpToACeilingThatDoubles) {
  EXPECT_EQ(retry_delay(1, {}, 0), 0ms);
  for (std::uint64_t random = 0; random < 10'000; random += 7) {
    EXPECT_LE(retry_delay(1, {}, random), limits::retry_delay_first);
    EXPECT_LE(retry_delay(3, {}, random), limits::retry_delay_first * 4);
    EXPECT_LE(retry_delay(40, {}, random), limits::retry_delay_max);
  }
}

TEST(RetryDelay, IsWhatTheUpstreamSays) {
  EXPECT_EQ(retry_delay(1, {.is_wanted = true, .after = 1500ms}, 99), 1500ms);
}

// An upstream that refuses everything for a minute must not be asked much more often than the
// clients themselves ask.
TEST(RetryBudget, BoundsRetriesToATenthOfTheRequestsAndThreeASecond) {
  TimePoint now{};
  RetryBudget budget{1, now};
  int retries = 0;
  constexpr int requests = 6'000;
  for (int i = 0; i < requests; ++i) {
    now += 10ms;  // 60 seconds in all.
    budget.note_request();
    while (budget.take(now)) ++retries;
  }
  EXPECT_GT(retries, 600);
  EXPECT_LE(retries, requests / 10 + 60 * 3 + 20);
}

}  // namespace
}  // namespace relay::exchange
