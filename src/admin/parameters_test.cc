#include "admin/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace relay::admin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Parameters, AreReadOneByOne) {
  Parameters asked{
      "limit=7&after=x&stream=true&cost=0.5&names=a,b&from=2026-11-23T00:00:00%2B08:00"};
  EXPECT_EQ(asked.page().rows_max, 7u);
  EXPECT_EQ(asked.page().after, "x");
  EXPECT_EQ(asked.truth("stream"), true);
  EXPECT_EQ(asked.usd("cost"), 500'000'000);
  EXPECT_THAT(asked.list("names"), ElementsAre("a", "b"));
  EXPECT_EQ(asked.time("from"), WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} +
                                         std::chrono::hours{16}});
  EXPECT_EQ(asked.count("nothing", 0, 1), std::nullopt);
  EXPECT_TRUE(asked.finish());
}

TEST(Parameters, RefuseWhatNobodyAskedFor) {
  Parameters asked{"tag=x&tga=y"};
  asked.text("tag");
  asked.text("owner");
  EXPECT_EQ(asked.finish().error().message, "Unknown parameter \"tga\". Known are: tag, owner.");
}

TEST(Parameters, SayWhatAValueShouldBe) {
  for (const char* const query : {"limit=0", "limit=501", "limit=x", "limit=1e2", "limit=-1"}) {
    Parameters asked{query};
    EXPECT_EQ(asked.page().rows_max, 50u);
    EXPECT_THAT(asked.finish().error().message, HasSubstr("limit must be")) << query;
  }
}

TEST(Parameters, RefuseAQueryThatIsNone) {
  Parameters asked{"limit=%zz"};
  asked.page();
  EXPECT_FALSE(asked.finish());
}

}  // namespace
}  // namespace relay::admin
