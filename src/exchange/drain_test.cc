// on_abort: drain. The client has left; the upstream is heard out, for what it has used.
#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using core::Usage;
using testing::ElementsAre;
using testing::SizeIs;

const Usage truth{.input = 25, .output = 15};

struct DrainTest : ExchangeTest {
  std::optional<Task<void>> exchange;

  DrainTest() {
    settings.on_abort = OnAbort::drain;
    sleeper.waits = true;
  }
  void begin() {
    exchange.emplace(serve(context, client));
    exchange->start();
  }
  void expect_charged(const Usage& usage, Delivery delivery = Delivery::client_gone) {
    EXPECT_TRUE(exchange->done());
    EXPECT_THAT(ledger.closed, ElementsAre(entry(usage, delivery)));
    EXPECT_EQ(drains.taken(), 0u);
    EXPECT_EQ(exchanges.taken(), 0u);
  }
};

TEST_F(DrainTest, ChargesTheTruthOfAStreamWhoseClientLeavesInSilence) {
  ScriptedAnswer& answer = upstream_streams({start, Stall{}, delta, finish});
  begin();
  client.leaving.open();
  EXPECT_FALSE(exchange->done());
  EXPECT_EQ(drains.taken(), 1u);
  EXPECT_TRUE(client.is_cut);

  answer.gate.open();
  expect_charged(truth);
  EXPECT_EQ(client.received, start);
  EXPECT_FALSE(client.is_finished);
}

TEST_F(DrainTest, SaysNothingMoreToAClientThatHasLeftBeforeTheFirstByte) {
  ScriptedAnswer& answer = upstream_streams({Stall{}, Silence{}, start, finish});
  answer.answer_head.fields.add("content-encoding", "identity");  // Not held for its first event.
  begin();
  client.leaving.open();
  answer.gate.open();
  expect_charged(truth);
  EXPECT_FALSE(client.has_sent);
}

TEST_F(DrainTest, ChargesTheTruthOfAStreamThatCouldNotBeWritten) {
  upstream_streams({start, delta, delta, finish});
  client.writes_until_gone = 1;
  begin();
  expect_charged(truth);
  EXPECT_EQ(client.received, start);
}

TEST_F(DrainTest, ChargesTheTruthOfAnAnswerThatHadNotBegun) {
  transport.stalls = true;
  upstream_streams({start, delta, finish});
  begin();
  client.leaving.open();
  EXPECT_FALSE(exchange->done());
  transport.before_head.open();
  expect_charged(truth);
  EXPECT_FALSE(client.has_begun);
}

TEST_F(DrainTest, ChargesNothingForAQuestionThatIsRefusedAfterAll) {
  transport.stalls = true;
  upstream_refuses(400, "{}");
  begin();
  client.leaving.open();
  transport.before_head.open();
  expect_charged(Usage{});
}

TEST_F(DrainTest, AsksNobodyOnceMoreForAClientThatHasLeft) {
  transport.stalls = true;
  upstream_refuses(529, "{}");
  upstream_streams({start, finish});
  begin();
  client.leaving.open();
  transport.before_head.open();
  EXPECT_TRUE(exchange->done());
  EXPECT_THAT(transport.asked, SizeIs(1));
}

TEST_F(DrainTest, ToleratesAnUpstreamThatFailsAfterItsClientHasLeft) {
  transport.stalls = true;
  transport.answers.emplace_back(broken);
  begin();
  client.leaving.open();
  transport.before_head.open();
  expect_charged(Usage{}, Delivery::refused);
  EXPECT_FALSE(client.has_begun);
}

TEST_F(DrainTest, EndsInTimeAndThenChargesAnEstimate) {
  bool destroyed = false;
  upstream_streams({start, delta, Stall{}}).destroyed = &destroyed;
  begin();
  client.leaving.open();
  EXPECT_FALSE(destroyed);
  sleeper.alarm.open();
  EXPECT_TRUE(exchange->done());
  EXPECT_TRUE(destroyed);
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::client_gone);
  EXPECT_EQ(ledger.closed[0].usage.input, 25);
  EXPECT_TRUE(ledger.closed[0].usage.is_estimated);
}

// Whoever fails to write has nobody to tell it when time is up, but what it waits for.
TEST_F(DrainTest, EndsInTimeWhereAWriteFoundTheClientGone) {
  upstream_streams({start, delta, Silence{}, Silence{}, finish});
  client.writes_until_gone = 1;
  const TimePoint began = clock.now();
  begin();
  EXPECT_TRUE(exchange->done());
  EXPECT_EQ(clock.now() - began, settings.abort_drain);
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_TRUE(ledger.closed[0].usage.is_estimated);
}

TEST_F(DrainTest, CancelsWhatIsBeyondTheNumberThatAreHeardAtOnce) {
  const auto other = drains.take();
  bool destroyed = false;
  upstream_streams({start, Stall{}}).destroyed = &destroyed;
  begin();
  client.leaving.open();
  EXPECT_TRUE(exchange->done());
  EXPECT_TRUE(destroyed);
  EXPECT_TRUE(ledger.closed.at(0).usage.is_estimated);
}

TEST_F(DrainTest, CancelsWhatIsNotMetered) {
  client.request_head.method = http::Method::get;
  client.request_head.target = "/v1/models";
  client.request_head.path_bytes = client.request_head.target.size();
  client.body.clear();
  upstream_streams({start, Stall{}});
  begin();
  client.leaving.open();
  EXPECT_TRUE(exchange->done());
}

TEST_F(DrainTest, IsNothingToAClientThatStays) {
  upstream_streams({start, delta, finish});
  begin();
  expect_charged(truth, Delivery::complete);
  EXPECT_EQ(client.received, start + delta + finish);
}

}  // namespace
}  // namespace relay::exchange
