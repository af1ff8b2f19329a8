#include "exchange/advisor_charges.h"

#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using core::Usage;
using testing::ElementsAre;
using testing::SizeIs;

const std::string advised_usage =
    R"({"input_tokens":25,"output_tokens":15,"iterations":[{"type":"message","output_tokens":15},)"
    R"({"type":"advisor_message","model":"claude-dear","input_tokens":900,"output_tokens":60},)"
    R"({"type":"advisor_message","model":"claude-other","output_tokens":3}]})";
const std::string advised =
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":" +
    advised_usage + "}\n\n";
const std::string stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

constexpr Usage own{.input = 25, .output = 15};
constexpr Usage dear{.input = 900, .output = 60};
constexpr Usage other{.output = 3};

struct AdvisorChargesTest : ExchangeTest {
  AdvisorChargesTest() {
    prices.replace(
        core::PriceTable::make({priced("claude-opus-5-5", 1), priced("claude-dear", 10)}).value());
  }
  // So many dollars for a million tokens of any kind.
  static core::PriceRow priced(const char* model, core::NanoUsd dollars) {
    const core::NanoUsd rate = dollars * core::nano_usd_per_usd;
    return {.models = {model}, .rates = {rate, rate, rate, rate, rate}};
  }
  void upstream_answers(std::string body) {
    auto answer = std::make_unique<ScriptedAnswer>();
    answer->answer_head.fields.add("content-type", "application/json");
    answer->steps = {std::move(body)};
    answer->clock = &clock;
    transport.answers.emplace_back(std::move(answer));
  }
  void expect_charged_beside_the_exchange() {
    EXPECT_THAT(ledger.closed,
                ElementsAre(entry(dear, Delivery::complete), entry(other, Delivery::complete),
                            entry(own, Delivery::complete)));
  }
};

TEST_F(AdvisorChargesTest, IsALineForEachModelOfAStream) {
  upstream_streams({start, delta, advised, stop});
  run();
  expect_charged_beside_the_exchange();
  const core::LedgerEntry& advisor = ledger.closed[0];
  const core::LedgerEntry& exchange = ledger.closed[2];
  EXPECT_EQ(advisor.endpoint, core::Endpoint::advisor);
  EXPECT_TRUE(core::is_charged_when_stored(advisor));
  EXPECT_EQ(advisor.model.view(), "claude-dear");
  EXPECT_EQ(advisor.served_model.view(), "claude-dear");
  EXPECT_EQ(advisor.held, 0);
  EXPECT_EQ(advisor.key, exchange.key);
  EXPECT_EQ(advisor.started, exchange.started);
  EXPECT_EQ(advisor.request, exchange.request);
  EXPECT_EQ(advisor.upstream.view(), "first");
  EXPECT_EQ(advisor.upstream_request.view(), "req_upstream");
  EXPECT_EQ(advisor.client, exchange.client);
  EXPECT_NE(advisor.attempt, exchange.attempt);
  EXPECT_NE(advisor.attempt, ledger.closed[1].attempt);
  EXPECT_EQ(ledger.open_count, 3);
}

TEST_F(AdvisorChargesTest, IsALineForEachModelOfAWholeAnswer) {
  upstream_answers(R"({"model":"claude-opus-5-5","content":[],"usage":)" + advised_usage + "}");
  run();
  expect_charged_beside_the_exchange();
}

TEST_F(AdvisorChargesTest, IsByThePriceOfTheAdvisorAndAsItWasWhenTheExchangeBegan) {
  ScriptedAnswer& answer = upstream_streams({start, Stall{}, advised, stop});
  Task<void> exchange = serve(context, client);
  exchange.start();
  prices.replace(core::PriceTable::make({priced("claude-dear", 99)}).value());
  answer.gate.open();
  ASSERT_THAT(ledger.closed, SizeIs(3));
  EXPECT_EQ(ledger.closed[0].cost, 960 * 10'000);
  EXPECT_NE(ledger.closed[0].price_version, 0u);
  EXPECT_TRUE(ledger.closed[1].is_unpriced);
  EXPECT_EQ(ledger.closed[2].cost, 40 * 1'000);
}

TEST_F(AdvisorChargesTest, IsOwedForWhatWasReportedWhenTheClientLeaves) {
  upstream_streams({start, delta, advised, Stall{}});
  Task<void> exchange = serve(context, client);
  exchange.start();
  client.leaving.open();
  EXPECT_TRUE(exchange.done());
  EXPECT_THAT(ledger.closed,
              ElementsAre(entry(dear, Delivery::complete), entry(other, Delivery::complete),
                          entry(own, Delivery::client_gone)));
}

TEST_F(AdvisorChargesTest, IsAPartOfTheExchangeWhereThereIsNoRoomForMore) {
  ScriptedAnswer& answer = upstream_streams({start, Stall{}, advised, stop});
  Task<void> exchange = serve(context, client);
  exchange.start();
  ledger.is_full = true;
  answer.gate.open();
  EXPECT_THAT(ledger.closed, ElementsAre(entry({.input = 925, .output = 78, .is_estimated = true},
                                               Delivery::complete)));
  EXPECT_TRUE(client.is_finished);
}

// What a process that is killed then charges is what was last marked, and what is closed.
TEST_F(AdvisorChargesTest, IsOwedOnceWheneverTheProcessIsKilled) {
  bool is_reported = false;
  ledger.changed = [this, &is_reported] {
    const Usage owed = ledger.owed();
    is_reported = is_reported || owed.input == 925;
    EXPECT_LE(owed.input, 925);
    EXPECT_LE(owed.output, 78);
    if (is_reported) {
      EXPECT_EQ(owed.input, 925);
    }
  };
  ScriptedAnswer& answer = upstream_streams({start, advised, Stall{}, delta, stop});
  Task<void> exchange = serve(context, client);
  exchange.start();
  EXPECT_TRUE(is_reported);
  EXPECT_EQ(ledger.running.size(), 3U);
  EXPECT_EQ(ledger.marked, own);
  answer.gate.open();
  expect_charged_beside_the_exchange();
}

// A loop that is torn down settles nothing.
TEST_F(AdvisorChargesTest, IsOwedAsLastMarkedWhereTheExchangeIsDestroyed) {
  upstream_streams({start, advised, Stall{}});
  {
    Task<void> exchange = serve(context, client);
    exchange.start();
  }
  EXPECT_TRUE(ledger.running.empty());
  EXPECT_EQ(ledger.owed().input, 925);
  EXPECT_EQ(ledger.closed.size(), 3U);
}

TEST_F(AdvisorChargesTest, IsNothingForAnAnswerThatCostsNothing) {
  upstream_refuses(400, R"({"usage":)" + advised_usage + "}");
  run();
  EXPECT_THAT(ledger.closed, ElementsAre(entry({}, Delivery::refused)));
}

}  // namespace
}  // namespace relay::exchange
