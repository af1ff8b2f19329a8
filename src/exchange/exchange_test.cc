#include "exchange/exchange.h"

#include <gmock/gmock.h>

#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using core::Usage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(ExchangeTest, PassesEveryByteAndChargesWhatTheUpstreamCounted) {
  upstream_streams({start, delta, finish});
  run();
  EXPECT_EQ(client.received, start + delta + finish);
  EXPECT_TRUE(client.is_finished);
  EXPECT_THAT(ledger.closed,
              ElementsAre(entry(Usage{.input = 25, .output = 15}, Delivery::complete)));
  EXPECT_EQ(ledger.closed[0].served_model.view(), "claude-opus-5-5");
  EXPECT_EQ(ledger.closed[0].upstream_request.view(), "req_upstream");
  EXPECT_EQ(transport.bodies[0], client.body);
}

// A client that has its whole answer has also been charged, whatever happens to us next.
TEST_F(ExchangeTest, SettlesBeforeTheClientHasTheLastByte) {
  upstream_streams({start, delta, finish});
  std::size_t settled_before_finish = 0;
  client.on_finish = [&] { settled_before_finish = ledger.closed.size(); };
  run();
  EXPECT_EQ(settled_before_finish, 1u);
}

TEST_F(ExchangeTest, GivesTheLastBytesOnlyOnceTheRecordIsOnTheDisk) {
  SlowDisk disk;
  context.durability = &disk;
  upstream_streams({start, delta, finish});
  Task<void> exchange = serve(context, client);
  exchange.start();
  ASSERT_TRUE(disk.gate.has_waiter());
  EXPECT_EQ(client.received, start + delta);
  EXPECT_THAT(ledger.closed, SizeIs(1)) << "it is the record of this exchange that is waited for";

  disk.gate.open();
  EXPECT_TRUE(exchange.done());
  EXPECT_EQ(client.received, start + delta + finish);
  EXPECT_TRUE(client.is_finished);
}

TEST_F(ExchangeTest, ChargesOnceWhenItIsDestroyedWhileItWaitsForTheDisk) {
  SlowDisk disk;
  context.durability = &disk;
  upstream_streams({start, delta, finish});
  {
    Task<void> exchange = serve(context, client);
    exchange.start();
    ASSERT_TRUE(disk.gate.has_waiter());
  }
  EXPECT_FALSE(client.is_finished);
  EXPECT_THAT(ledger.closed,
              ElementsAre(entry(Usage{.input = 25, .output = 15}, Delivery::complete)));
}

TEST_F(ExchangeTest, WaitsForNoDiskOnBehalfOfAClientThatHasLeft) {
  SlowDisk disk;
  context.durability = &disk;
  upstream_streams({start, delta, Stall{}, finish});
  Task<void> exchange = serve(context, client);
  exchange.start();
  client.leaving.open();
  EXPECT_TRUE(exchange.done());
  EXPECT_THAT(ledger.closed, SizeIs(1));
}

TEST_F(ExchangeTest, ShowsTheUpstreamItsOwnCredentialAndNoneOfOurs) {
  upstream_streams({start, finish});
  run();
  EXPECT_THAT(transport.heads[0], HasSubstr("sk-ant-one"));
  EXPECT_THAT(transport.heads[0], Not(HasSubstr("sk-proxy-")));
  EXPECT_THAT(transport.heads[0], HasSubstr("anthropic-version: 2023-06-01"));
}

TEST_F(ExchangeTest, LastsAsLongAsItDidWhenTheWallClockIsSetBack) {
  ScriptedAnswer& answer = upstream_streams({start, Stall{}, delta, finish});
  Task<void> exchange = serve(context, client);
  exchange.start();
  clock.advance(3s);
  clock.set_wall(today - 24h);
  answer.gate.open();
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].duration_ms, 3'000u);
}

// What was produced is owed. The upstream is dropped at once, so its final count never comes.
TEST_F(ExchangeTest, ChargesWhatWasCountedWhenAWriteFindsTheClientGone) {
  upstream_streams({start, delta, finish});
  client.writes_until_gone = 1;
  run();
  EXPECT_EQ(client.received, start);
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::client_gone);
  EXPECT_EQ(ledger.closed[0].usage.input, 25);
  EXPECT_GE(ledger.closed[0].usage.output, 1);
}

TEST_F(ExchangeTest, DropsTheUpstreamWhenTheClientLeavesWhileItIsSilent) {
  bool destroyed = false;
  upstream_streams({start, Stall{}}).destroyed = &destroyed;
  Task<void> exchange = serve(context, client);
  exchange.start();
  EXPECT_FALSE(destroyed);
  client.leaving.open();
  EXPECT_TRUE(destroyed);
  EXPECT_TRUE(exchange.done());
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::client_gone);
  EXPECT_EQ(ledger.closed[0].usage.input, 25);
  EXPECT_TRUE(ledger.closed[0].usage.is_estimated);
}

TEST_F(ExchangeTest, ChargesTheQuestionWhenTheClientLeavesBeforeTheAnswer) {
  transport.stalls = true;
  client.body = R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"How far?"}]})";
  Task<void> exchange = serve(context, client);
  exchange.start();
  client.leaving.open();
  EXPECT_TRUE(exchange.done());
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::client_gone);
  EXPECT_GT(ledger.closed[0].usage.input, 3);
  EXPECT_EQ(ledger.closed[0].usage.output, 0);
  EXPECT_TRUE(ledger.closed[0].usage.is_estimated);
}

TEST_F(ExchangeTest, ChargesNothingWhenTheClientLeavesBeforeTheUpstreamIsReached) {
  transport.stalls = true;
  transport.connects = false;
  Task<void> exchange = serve(context, client);
  exchange.start();
  client.leaving.open();
  EXPECT_TRUE(exchange.done());
  EXPECT_TRUE(client.is_cut);
  EXPECT_FALSE(client.is_finished);
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::refused);
  EXPECT_EQ(ledger.closed[0].usage.total(), 0);
}

TEST_F(ExchangeTest, ChargesTheLastMarkWhenItIsDestroyedMidStream) {
  upstream_streams({start, delta, Stall{}});
  {
    Task<void> exchange = serve(context, client);
    exchange.start();
  }
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::abandoned);
  EXPECT_EQ(ledger.closed[0].usage.input, 25);
}

TEST_F(ExchangeTest, EndsAnAnswerWithAnErrorWhenTheRelayWaitsNoLonger) {
  upstream_streams({start, delta, Stall{}});
  Task<void> exchange = serve(context, client);
  exchange.start();
  client.has_to_end = true;
  client.leaving.open();
  EXPECT_TRUE(exchange.done());
  EXPECT_THAT(client.received, testing::StartsWith(start + delta + "event: error\n"));
  EXPECT_THAT(client.received, HasSubstr("overloaded_error"));
  EXPECT_TRUE(client.is_cut);
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::abandoned);
  EXPECT_EQ(ledger.closed[0].usage.input, 25);
}

TEST_F(ExchangeTest, SaysThatTheRelayStopsWhereNothingHasBeenSaidYet) {
  transport.stalls = true;
  Task<void> exchange = serve(context, client);
  exchange.start();
  client.has_to_end = true;
  client.leaving.open();
  EXPECT_EQ(client.answered.status, 503);
  EXPECT_THAT(client.answered.fields, HasSubstr("retry-after"));
  EXPECT_TRUE(client.is_finished);
  EXPECT_THAT(ledger.closed, ElementsAre(entry(Usage{}, Delivery::refused)));
}

TEST_F(ExchangeTest, TurnsAwayWhatIsMoreThanItServesAtOnce) {
  const auto one = exchanges.take(), two = exchanges.take();
  run();
  EXPECT_EQ(client.answered.status, 503);
  EXPECT_THAT(client.answered.fields, HasSubstr("retry-after: 1"));
  EXPECT_THAT(client.received, HasSubstr("overloaded_error"));
  EXPECT_EQ(ledger.open_count, 0);
}

TEST_F(ExchangeTest, GivesItsPlaceBack) {
  for (int i = 0; i < 5; ++i) {
    upstream_streams({start, finish});
    client.has_begun = false;
    run();
    EXPECT_EQ(client.answered.status, 200);
  }
  EXPECT_EQ(exchanges.taken(), 0u);
}

TEST_F(ExchangeTest, PassesAMistakeOfTheClientOnAtOnce) {
  upstream_refuses(400, R"({"type":"error","error":{"type":"invalid_request_error"}})");
  run();
  EXPECT_EQ(client.answered.status, 400);
  EXPECT_THAT(transport.asked, SizeIs(1));
  EXPECT_THAT(ledger.closed, ElementsAre(entry(Usage{}, Delivery::refused)));
}

// So short a text lies inside its string, not on the heap, and moves when the outcome does.
TEST_F(ExchangeTest, PassesAVeryShortRefusalOnWhole) {
  upstream_refuses(400, "{}");
  run();
  EXPECT_EQ(client.answered.status, 400);
  EXPECT_EQ(client.received, "{}");
  EXPECT_TRUE(client.is_finished);
}

TEST_F(ExchangeTest, AnswersWithAnErrorWhenNothingButTheHeadHasCome) {
  upstream_streams({broken}).answer_head.fields.clear();  // Not an event stream.
  run();
  EXPECT_EQ(client.answered.status, 502);
  EXPECT_FALSE(client.is_cut);
  EXPECT_THAT(ledger.closed, ElementsAre(entry(Usage{}, Delivery::refused)));
}

// A client that sees 401 asks its user to log in again, which would not help.
TEST_F(ExchangeTest, DoesNotBlameTheClientForOurCredential) {
  upstream_refuses(401, R"({"error":{"message":"invalid x-api-key"}})");
  upstream_refuses(401, R"({"error":{"message":"invalid x-api-key"}})");
  run();
  EXPECT_EQ(client.answered.status, 502);
  EXPECT_THAT(client.received, Not(HasSubstr("invalid x-api-key")));
  EXPECT_THAT(transport.asked, SizeIs(2));
}

TEST_F(ExchangeTest, TakesAStreamThatBeginsOverloadedForA529) {
  upstream_streams({overloaded});
  upstream_streams({start, finish});
  run();
  EXPECT_EQ(client.received, start + finish);

  client.received.clear();
  client.has_begun = false;
  for (int i = 0; i < 4; ++i) upstream_streams({overloaded});
  run();
  EXPECT_EQ(client.answered.status, 529);
  EXPECT_THAT(client.received, HasSubstr("overloaded_error"));
}

// All of it is held while its first event is awaited, and outlives what it was held in.
TEST_F(ExchangeTest, PassesAStreamOnThatEndsWhileItsFirstEventIsAwaited) {
  upstream_streams({start.substr(0, 5), start.substr(5, 7), start.substr(12)});
  run();
  EXPECT_EQ(client.received, start);
  EXPECT_TRUE(client.is_finished);
}

TEST_F(ExchangeTest, PassesAVeryShortStreamOnThatCameInPieces) {
  upstream_streams({"data:", " {}", "\n\n"});
  run();
  EXPECT_EQ(client.received, "data: {}\n\n");
  EXPECT_TRUE(client.is_finished);
}

TEST_F(ExchangeTest, RetriesNothingOnceTheClientHasBytes) {
  upstream_streams({start, delta, broken});
  run();
  EXPECT_THAT(transport.asked, SizeIs(1));
  EXPECT_THAT(client.received, testing::StartsWith(start + delta));
  EXPECT_TRUE(client.is_cut);
  EXPECT_FALSE(client.is_finished);
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::upstream_failed);
  EXPECT_EQ(ledger.closed[0].usage.input, 25);
}

TEST_F(ExchangeTest, PingsAClientWhileTheUpstreamIsSilentBetweenEvents) {
  upstream_streams({start, Silence{}, Silence{}, delta, finish});
  run();
  const std::string ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
  EXPECT_EQ(client.received, start + ping + ping + delta + finish);
}

TEST_F(ExchangeTest, PutsNothingOfOursIntoAnAnswerWhoseLengthWasSaid) {
  ScriptedAnswer& answer = upstream_streams({start, Silence{}});
  answer.answer_head.body = {http::Framing::length, (start + finish).size()};
  run();
  EXPECT_EQ(client.received, start);
  EXPECT_TRUE(client.is_cut);
}

TEST_F(ExchangeTest, NotesWhenTheFirstByteCameEvenIfThatWasAtOnce) {
  upstream_streams({start, Silence{}, finish});
  run();
  ASSERT_THAT(ledger.closed, SizeIs(1));
  EXPECT_EQ(ledger.closed[0].first_byte_ms, 1u);
  EXPECT_GT(ledger.closed[0].duration_ms, 1u);
}

TEST_F(ExchangeTest, DoesNotBreakAnEventWithAPing) {
  upstream_streams({start, delta.substr(0, 40), Silence{}, delta.substr(40), finish});
  run();
  EXPECT_EQ(client.received, start + delta + finish);
}

TEST_F(ExchangeTest, EndsAStreamThatStaysSilentSoThatTheClientSeesIt) {
  ScriptedAnswer& answer = upstream_streams({start});
  for (int i = 0; i < 100; ++i) answer.steps.emplace_back(Silence{});
  run();
  EXPECT_THAT(client.received, HasSubstr("event: error"));
  EXPECT_TRUE(client.is_cut);
  EXPECT_EQ(ledger.closed[0].delivery, Delivery::upstream_failed);
}

TEST_F(ExchangeTest, AsksNobodyUpstreamForAClientWithoutAKnownKey) {
  client.request_head.fields.clear();
  run();
  EXPECT_EQ(client.answered.status, 401);
  EXPECT_THAT(client.answered.fields, HasSubstr("x-should-retry: false"));

  const Secret other = core::generate_key();
  client.request_head.fields.add("x-api-key", other.reveal());
  client.has_begun = false;
  run();
  EXPECT_EQ(client.answered.status, 401);
  EXPECT_THAT(transport.asked, IsEmpty());
  EXPECT_EQ(ledger.open_count, 0);
}

TEST_F(ExchangeTest, MakesWhoGuessesKeysWaitButNeverAKnownKey) {
  const auto ask_with = [&](std::string_view shown) {
    client.request_head.fields.clear();
    client.request_head.fields.add("x-api-key", shown);
    client.has_begun = false;
    run();
    return client.answered.status;
  };
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask_with(core::generate_key().reveal()), 401);
  EXPECT_EQ(ask_with(core::generate_key().reveal()), 429);
  EXPECT_THAT(client.answered.fields, HasSubstr("retry-after: 60"));
  EXPECT_EQ(ask_with("sk-proxy-of-no-form"), 429);
  EXPECT_EQ(ledger.open_count, 0);

  upstream_streams({start, finish});
  EXPECT_EQ(ask_with(key.reveal()), 200);
}

TEST_F(ExchangeTest, AsksNobodyUpstreamForAKeyThatIsDisabledOrExpired) {
  know_key([](KeyEntry& entry) { entry.is_active = false; });
  run();
  EXPECT_EQ(client.answered.status, 401);
  EXPECT_THAT(client.received, HasSubstr("disabled"));

  know_key([&](KeyEntry& entry) { entry.terms.expires_at = clock.wall(); });
  client.has_begun = false;
  run();
  EXPECT_EQ(client.answered.status, 401);
  EXPECT_THAT(client.received, HasSubstr("expired"));
  EXPECT_THAT(transport.asked, IsEmpty());
}

TEST_F(ExchangeTest, AsksForNoBodyOfAKeyThatMayNotAsk) {
  know_key([](KeyEntry& entry) { entry.terms.domains = {"example.com"}; });
  client.body.assign(settings.request_body_bytes_max + 1, ' ');
  run();
  EXPECT_EQ(client.answered.status, 403);
}

TEST_F(ExchangeTest, ShowsAKeyItsOwnLimitsWhereTheOperatorSaysSo) {
  settings.ratelimit_fields = RateLimitFields::own;
  tier = {.name = "basic", .requests = 2, .period = 60s, .tokens_per_minute = 500'000};
  know_key([](KeyEntry& entry) { entry.terms.token_limits[core::Window::day] = 100'000; });
  upstream_streams({start, delta, finish})
      .answer_head.fields.add("anthropic-ratelimit-requests-limit", "4000");
  run();
  EXPECT_THAT(client.answered.fields,
              AllOf(HasSubstr("anthropic-ratelimit-requests-limit: 2\r\n"),
                    HasSubstr("anthropic-ratelimit-requests-remaining: 1\r\n"),
                    HasSubstr("anthropic-ratelimit-requests-reset: "),
                    HasSubstr("anthropic-ratelimit-tokens-limit: 100000\r\n"),
                    HasSubstr("anthropic-ratelimit-tokens-reset: "), Not(HasSubstr("4000"))));

  for (int i = 0; i < 2; ++i) {
    client.has_begun = false;
    upstream_streams({start, delta, finish});
    run();
  }
  EXPECT_EQ(client.answered.status, 429);
  EXPECT_THAT(client.answered.fields,
              AllOf(HasSubstr("anthropic-ratelimit-requests-remaining: 0\r\n"),
                    HasSubstr("retry-after: 30\r\n"), Not(HasSubstr("x-should-retry"))));
}

TEST_F(ExchangeTest, ChargesNothingButThePermitWhenTheUpstreamRefuses) {
  tier = {.name = "basic", .requests = 1, .period = 60s};
  know_key([](KeyEntry& entry) { entry.terms.token_limits[core::Window::total] = 1'000; });
  upstream_refuses(400, "{}");
  run();
  EXPECT_EQ(client.answered.status, 400);
  const core::WindowState state =
      allowance.tokens().state(core::Window::total, calendar.at(clock.wall()));
  EXPECT_EQ(state, core::WindowState{});
  EXPECT_EQ(allowance.live(), 0);

  client.has_begun = false;
  run();
  EXPECT_EQ(client.answered.status, 429);
}

TEST_F(ExchangeTest, GivesBackWhatWasHeldWhenItIsDestroyed) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[core::Window::total] = 1'000; });
  upstream_streams({start, delta, Stall{}});
  {
    Task<void> exchange = serve(context, client);
    exchange.start();
    EXPECT_EQ(allowance.live(), 1);
  }
  const core::WindowState state =
      allowance.tokens().state(core::Window::total, calendar.at(clock.wall()));
  EXPECT_EQ(state.used, ledger.closed[0].usage.total());
  EXPECT_GT(state.used, 25);
  EXPECT_EQ(state.held, 0);
  EXPECT_EQ(allowance.live(), 0);
}

TEST_F(ExchangeTest, TellsAClientNotToAskAgainWhenItsLimitIsUsedUp) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[core::Window::day] = 0; });
  run();
  EXPECT_EQ(client.answered.status, 402);
  EXPECT_THAT(client.answered.fields, HasSubstr("x-should-retry: false\r\n"));
  EXPECT_THAT(client.received, HasSubstr("billing_error"));
}

TEST_F(ExchangeTest, RefusesTwoDifferentKeysAndIgnoresWhatIsNoKey) {
  client.request_head.fields.add("authorization", "Bearer something-else");
  upstream_streams({start, finish});
  run();
  EXPECT_EQ(client.answered.status, 200);

  client.request_head.fields.clear();
  client.request_head.fields.add("x-api-key", key.reveal());
  const Secret other = core::generate_key();
  client.request_head.fields.add("authorization", "Bearer " + std::string{other.reveal()});
  client.has_begun = false;
  run();
  EXPECT_EQ(client.answered.status, 401);
}

TEST_F(ExchangeTest, TurnsAwayWorkThatTheLedgerHasNoRoomFor) {
  ledger.is_full = true;
  run();
  EXPECT_EQ(client.answered.status, 503);
  EXPECT_THAT(transport.asked, IsEmpty());
}

TEST_F(ExchangeTest, ForwardsOnlyWhatTheOperatorAllows) {
  client.request_head.target = "/v1/organizations/users";
  client.request_head.path_bytes = client.request_head.target.size();
  run();
  EXPECT_EQ(client.answered.status, 404);
  EXPECT_THAT(transport.asked, IsEmpty());
}

}  // namespace
}  // namespace relay::exchange
