#include "exchange/upstreams.h"

#include <gtest/gtest.h>

#include <map>

namespace relay::exchange {
namespace {

using namespace std::chrono_literals;
using http::UpstreamId;

struct UpstreamsTest : testing::Test {
  TimePoint now{1000s};
  WallTime wall = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};

  static std::vector<UpstreamSettings> settings(std::initializer_list<std::pair<int, int>> list) {
    std::vector<UpstreamSettings> all;
    for (const auto& [priority, weight] : list) {
      all.push_back({.name = "u" + std::to_string(all.size()),
                     .host = "",
                     .base_path = "",
                     .api_key = "",
                     .priority = priority,
                     .weight = weight});
    }
    return all;
  }
  static http::AnswerHead answer(
      int status, std::initializer_list<std::pair<const char*, const char*>> fields) {
    http::AnswerHead head{.status = status};
    for (const auto& [name, value] : fields) head.fields.add(name, value);
    return head;
  }
};

TEST_F(UpstreamsTest, AsksTheFirstPriorityWhileItIsWell) {
  const Upstreams upstreams{settings({{1, 1}, {0, 1}})};
  for (std::uint64_t affinity = 0; affinity < 100; ++affinity) {
    EXPECT_EQ(upstreams.choose({.affinity = affinity}, {}, now), UpstreamId{1});
  }
}

TEST_F(UpstreamsTest, SharesByWeightAndKeepsAConversationWhereItIs) {
  const Upstreams upstreams{settings({{0, 1}, {0, 3}})};
  std::map<UpstreamId, int> chosen;
  for (std::uint64_t affinity = 0; affinity < 4'000; ++affinity) {
    const UpstreamId first = upstreams.choose({.affinity = affinity}, {}, now);
    EXPECT_EQ(upstreams.choose({.affinity = affinity}, {}, now + 1h), first);
    ++chosen[first];
  }
  EXPECT_NEAR(chosen[UpstreamId{1}], 3'000, 150);
}

TEST_F(UpstreamsTest, FailsOverToOneThatWasNotTried) {
  const Upstreams upstreams{settings({{0, 1}, {1, 1}})};
  Tried tried;
  tried.add(UpstreamId{0});
  EXPECT_TRUE(upstreams.has_another({}, tried, now));
  EXPECT_EQ(upstreams.choose({}, tried, now), UpstreamId{1});
  tried.add(UpstreamId{1});
  EXPECT_FALSE(upstreams.has_another({}, tried, now));
}

TEST_F(UpstreamsTest, LeavesAFamilyAloneForAsLongAsTheUpstreamSaid) {
  Upstreams upstreams{settings({{0, 1}, {1, 1}})};
  upstreams.note_answer(UpstreamId{0}, 2, answer(429, {{"retry-after", "20"}}), now, wall);
  EXPECT_EQ(upstreams.choose({.family = 2}, {}, now + 19s), UpstreamId{1});
  EXPECT_EQ(upstreams.choose({.family = 2}, {}, now + 21s), UpstreamId{0});
  EXPECT_EQ(upstreams.choose({.family = 3}, {}, now), UpstreamId{0});
}

TEST_F(UpstreamsTest, BelievesTheResetOfTheLimitThatIsUsedUp) {
  Upstreams upstreams{settings({{0, 1}, {1, 1}})};
  const auto head = answer(429, {{"retry-after", "1"},
                                 {"anthropic-ratelimit-tokens-remaining", "0"},
                                 {"anthropic-ratelimit-tokens-reset", "2026-11-23T00:00:42Z"},
                                 {"anthropic-ratelimit-requests-remaining", "7"},
                                 {"anthropic-ratelimit-requests-reset", "2026-11-23T00:04:00Z"}});
  upstreams.note_answer(UpstreamId{0}, 0, head, now, wall);
  EXPECT_TRUE(upstreams.is_cooling(UpstreamId{0}, 0, now + 41s));
  EXPECT_FALSE(upstreams.is_cooling(UpstreamId{0}, 0, now + 43s));
}

TEST_F(UpstreamsTest, AsksTheOneThatIsReadyFirstWhenAllCoolDown) {
  Upstreams upstreams{settings({{0, 1}, {1, 1}})};
  upstreams.note_answer(UpstreamId{0}, 0, answer(429, {{"retry-after", "60"}}), now, wall);
  upstreams.note_answer(UpstreamId{1}, 0, answer(529, {{"retry-after", "5"}}), now, wall);
  EXPECT_EQ(upstreams.choose({}, {}, now), UpstreamId{1});
}

TEST_F(UpstreamsTest, ReturnsToAnUpstreamThatAnswersAgain) {
  Upstreams upstreams{settings({{0, 1}, {1, 1}})};
  for (int i = 0; i < 10; ++i) upstreams.note_failure(UpstreamId{0}, now);
  EXPECT_TRUE(upstreams.is_cooling(UpstreamId{0}, 5, now + 29s));
  EXPECT_FALSE(upstreams.is_cooling(UpstreamId{0}, 5, now + 31s));
  upstreams.note_answer(UpstreamId{0}, 5, answer(200, {}), now + 40s, wall);
  upstreams.note_failure(UpstreamId{0}, now + 50s);
  EXPECT_FALSE(upstreams.is_cooling(UpstreamId{0}, 5, now + 52s));
}

TEST_F(UpstreamsTest, LeavesAnUpstreamAloneNoLongerThanTheOperatorSays) {
  std::vector<UpstreamSettings> all = settings({{0, 1}, {1, 1}});
  all[0].cooldown_max = 3s;
  all[1].cooldown_max = 10min;
  Upstreams upstreams{all};
  for (int i = 0; i < 20; ++i) {
    upstreams.note_failure(UpstreamId{0}, now);
    upstreams.note_failure(UpstreamId{1}, now);
  }
  EXPECT_FALSE(upstreams.is_cooling(UpstreamId{0}, 0, now + 3s));
  EXPECT_TRUE(upstreams.is_cooling(UpstreamId{1}, 0, now + 10min - 1s));
  EXPECT_FALSE(upstreams.is_cooling(UpstreamId{1}, 0, now + 10min));

  upstreams.note_answer(UpstreamId{0}, 0, answer(529, {}), now + 20s, wall);
  EXPECT_FALSE(upstreams.is_cooling(UpstreamId{0}, 0, now + 23s));
}

}  // namespace
}  // namespace relay::exchange
