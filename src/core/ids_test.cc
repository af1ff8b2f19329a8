#include "core/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace relay::core {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

constexpr WallTime now{1'763'900'000'123ms};

TEST(Ids, AreWrittenInTheirForms) {
  EXPECT_EQ(to_string(AttemptId{{0x00, 0x1f, 0xab}}), "001fab00000000000000000000000000");
  EXPECT_THAT(to_string(new_attempt_id(now)), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(std::string{new_request_id(now).view()}, MatchesRegex("req_[0-9A-Za-z]{24}"));
  EXPECT_THAT(new_uuid(),
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(Ids, AreNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    seen.insert(to_string(new_attempt_id(now)));
    seen.emplace(new_request_id(now).view());
    seen.insert(new_uuid());
  }
  EXPECT_EQ(seen.size(), 3'000u);
}

TEST(Ids, AreInTheOrderInWhichTheyWereMade) {
  for (WallTime time = now; time < now + 200ms; time += 1ms) {
    EXPECT_LT(new_attempt_id(time), new_attempt_id(time + 1ms));
    EXPECT_LT(new_request_id(time).view(), new_request_id(time + 1ms).view());
  }
}

TEST(Ids, NameAResultOfABatchTheSameWayEachTime) {
  const AttemptId id = attempt_of_result("msgbatch_1", "a");
  EXPECT_EQ(to_string(id), to_string(attempt_of_result("msgbatch_1", "a")));
  EXPECT_NE(id, attempt_of_result("msgbatch_1", "b"));
  EXPECT_NE(id, attempt_of_result("msgbatch_2", "a"));
  EXPECT_NE(id, attempt_of_result("msgbatch_", "1a"));
}

}  // namespace
}  // namespace relay::core
