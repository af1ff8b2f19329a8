// An answer may take much longer than its question: how long the question is held.
#include <gmock/gmock.h>

#include <string>

#include "claude/input_estimate.h"
#include "exchange/exchange.h"
#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using testing::SizeIs;

struct QuestionTest : ExchangeTest {
  QuestionTest() {
    client.body =
        R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"How far?"}]})";
  }
  [[nodiscard]] bool is_held() const { return client.held.has_value(); }
};

TEST_F(QuestionTest, IsHeldWhileItMayBeSentOnceMore) {
  transport.stalls = true;
  Task<void> exchange = serve(context, client);
  exchange.start();
  EXPECT_TRUE(is_held());
  EXPECT_TRUE(client.has_head);
}

TEST_F(QuestionTest, IsRefusedAndCostsNothingWhereThereIsNoUpstream) {
  settings.upstreams.clear();
  run();
  EXPECT_EQ(client.answered.status, 502);
  EXPECT_THAT(client.received, testing::HasSubstr("no upstream yet"));
  EXPECT_THAT(ledger.closed, SizeIs(0));
}

TEST_F(QuestionTest, GoesWithItsHeadOnceTheUpstreamHasCountedIt) {
  ScriptedAnswer& answer = upstream_streams({start, Stall{}, delta, finish});
  Task<void> exchange = serve(context, client);
  exchange.start();
  EXPECT_FALSE(is_held());
  EXPECT_FALSE(client.has_head);
  EXPECT_FALSE(answer.has_head);
  answer.gate.open();
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].usage, (core::Usage{.input = 25, .output = 15}));
}

TEST_F(QuestionTest, IsEstimatedBeforeItGoesFromAStreamThatHasNotCountedIt) {
  upstream_streams({delta, Stall{}});
  Task<void> exchange = serve(context, client);
  exchange.start();
  EXPECT_FALSE(is_held());
  client.leaving.open();
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].usage.input, claude::estimate_input(client.body));
  EXPECT_TRUE(ledger.closed[0].usage.is_estimated);
}

TEST_F(QuestionTest, IsEstimatedWhereOnlyTheAnswerIsCounted) {
  ScriptedAnswer& answer = upstream_streams({R"({"usage":{"output_tokens":15}})"});
  answer.answer_head.fields.clear();
  answer.answer_head.fields.add("content-type", "application/json");
  run();
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].usage,
            (core::Usage{
                .input = claude::estimate_input(client.body), .output = 15, .is_estimated = true}));
}

TEST_F(QuestionTest, IsHeldForAnEstimateWhileAWholeAnswerComes) {
  ScriptedAnswer& answer = upstream_streams({R"({"content":[{"type":"text","text":"Far)", Stall{}});
  answer.answer_head.fields.clear();
  answer.answer_head.fields.add("content-type", "application/json");
  Task<void> exchange = serve(context, client);
  exchange.start();
  EXPECT_TRUE(is_held());
  client.leaving.open();
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::client_gone);
  EXPECT_EQ(ledger.closed[0].usage.input, claude::estimate_input(client.body));
}

TEST_F(QuestionTest, GoesAtOnceWhereTheAnswerIsNotCharged) {
  ScriptedAnswer& answer = upstream_streams({"a", Stall{}});
  answer.answer_head.status = 400;
  Task<void> exchange = serve(context, client);
  exchange.start();
  EXPECT_FALSE(is_held());
}

}  // namespace
}  // namespace relay::exchange
