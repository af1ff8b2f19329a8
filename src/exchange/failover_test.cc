// Who is asked once more, and where.
#include <gmock/gmock.h>

#include "exchange/exchange.h"
#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using core::Usage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using FailoverTest = ExchangeTest;

TEST_F(FailoverTest, RetriesAnOverloadedUpstreamUntilItAnswers) {
  upstream_refuses(529, "{}");
  upstream_refuses(503, "{}");
  upstream_streams({start, finish});
  run();
  EXPECT_THAT(transport.asked, SizeIs(3));
  EXPECT_EQ(client.received, start + finish);
  EXPECT_THAT(ledger.closed,
              ElementsAre(entry(Usage{.input = 25, .output = 15}, Delivery::complete)));
  EXPECT_EQ(ledger.closed[0].attempts, 3);
  EXPECT_THAT(observer.retries, ElementsAre("overloaded", "status"));
}

TEST_F(FailoverTest, PassesARefusalOnWhenRetriesAreUsedUpAndChargesNothing) {
  settings.upstreams[0].retries_max = settings.upstreams[1].retries_max = 2;
  for (int i = 0; i < 3; ++i) upstream_refuses(529, R"({"type":"error"})");
  run();
  EXPECT_EQ(client.answered.status, 529);
  EXPECT_EQ(client.received, R"({"type":"error"})");
  EXPECT_THAT(ledger.closed, ElementsAre(entry(Usage{}, Delivery::refused)));
}

TEST_F(FailoverTest, FailsOverWhenAnUpstreamIsNotReached) {
  transport.answers.emplace_back(broken);
  upstream_streams({start, finish});
  run();
  EXPECT_THAT(transport.asked, ElementsAre(http::UpstreamId{0}, http::UpstreamId{1}));
  EXPECT_THAT(transport.heads[1], HasSubstr("sk-ant-two"));
  EXPECT_TRUE(client.is_finished);
}

TEST_F(FailoverTest, FailsOverWhenAnUpstreamWantsToBeLeftAloneForLong) {
  upstream_refuses(503, "{}").answer_head.fields.add("retry-after", "60");
  upstream_refuses(503, "{}").answer_head.fields.add("retry-after", "60");
  run();
  EXPECT_THAT(transport.asked, ElementsAre(http::UpstreamId{0}, http::UpstreamId{1}));
  EXPECT_EQ(client.answered.status, 503);
}

TEST_F(FailoverTest, AnswersThatTheUpstreamWasNotReachedWhenNoneWas) {
  for (int i = 0; i < 4; ++i) transport.answers.emplace_back(broken);
  run();
  EXPECT_EQ(client.answered.status, 502);
  EXPECT_THAT(ledger.closed, ElementsAre(entry(Usage{}, Delivery::refused)));
}

}  // namespace
}  // namespace relay::exchange
