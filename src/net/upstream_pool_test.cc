// Which connection an exchange takes, and what becomes of it afterwards.
#include "net/upstream_pool.h"

#include "net/task_scope.h"
#include "net/upstream_fixture.h"

namespace relay::net {
namespace {

TEST_F(UpstreamPoolTest, SendsARequestAndGivesTheAnswer) {
  Opening opening{pool, {.head = "POST / HTTP/1.1\r\n\r\n", .body = "hello"}, no_deadline};
  Peer peer = expect_request("POST / HTTP/1.1\r\n\r\nhello");
  peer.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx: y\r\n\r\nthere");
  ASSERT_TRUE(expect_open(opening));
  EXPECT_EQ(opening.answer().head().status, 200);
  EXPECT_EQ(opening.answer().head().fields.find("x"), "y");
  Reading reading{opening.answer(), no_deadline};
  EXPECT_TRUE(reading.is_complete);
  EXPECT_EQ(reading.body, "there");
  EXPECT_EQ(reading.chunks, 1) << "the end is told with the last bytes";
}

TEST_F(UpstreamPoolTest, KeepsAConnectionForTheNextExchange) {
  Peer peer = exchange_once();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pool.counters().idle, 1u);
    Opening opening{pool, {.head = get}, no_deadline};
    expect_heard(peer, std::string{get});
    peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    expect_body(opening, "ok");
  }
  EXPECT_EQ(pool.counters().opened, 1u);
  EXPECT_EQ(pool.counters().reused, 3u);
}

TEST_F(UpstreamPoolTest, GivesAConnectionBackAsSoonAsTheLastBytesAreDelivered) {
  Peer peer = exchange_once();
  Opening opening{pool, {.head = get}, no_deadline};
  expect_heard(peer, std::string{get});
  peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  ASSERT_TRUE(expect_open(opening));
  EXPECT_EQ(pool.counters().idle, 0u);
  Reading reading{opening.answer(), no_deadline};
  EXPECT_EQ(pool.counters().idle, 1u);
  EXPECT_EQ(opening.answer().head().status, 200);
}

TEST_F(UpstreamPoolTest, UsesTheConnectionFirstThatWasUsedLast) {
  Opening a{pool, {.head = get}, no_deadline}, b{pool, {.head = get}, no_deadline};
  Peer first = expect_request(std::string{get}), second = expect_request(std::string{get});
  first.send("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(until([&] { return pool.counters().idle == 1; }));
  second.send("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(until([&] { return pool.counters().idle == 2; }));

  Opening next{pool, {.head = get}, no_deadline};
  expect_heard(second, std::string{get});
  second.send("HTTP/1.1 204 No Content\r\n\r\n");
  expect_body(next, "");
  EXPECT_EQ(first.hear(), "");
}

TEST_F(UpstreamPoolTest, KeepsNoConnectionAfterAnAnswerThatEndsIt) {
  for (const std::string_view answer : {
           "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
           "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
           "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokay",
           "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 "
           "OK",
       }) {
    Opening opening{pool, {.head = get}, no_deadline};
    Peer peer = expect_request(std::string{get});
    peer.send(answer);
    expect_body(opening, "ok");
    EXPECT_TRUE(until([&] { return peer.has_ended(); }));
    EXPECT_EQ(pool.counters().idle, 0u);
  }
}

TEST_F(UpstreamPoolTest, DoesNotUseAConnectionOnWhichSomethingCameUnasked) {
  Peer peer = exchange_once();
  peer.send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison");
  turn();
  expect_new_connection();
  EXPECT_TRUE(until([&] { return peer.has_ended(); }));
}

TEST_F(UpstreamPoolTest, DoesNotUseAConnectionThatHungUp) {
  Peer peer = exchange_once();
  peer.close();
  turn();
  expect_new_connection();
  EXPECT_EQ(pool.counters().reused, 0u);
}

TEST_F(UpstreamPoolTest, DoesNotUseAConnectionThatWasIdleForTooLong) {
  Peer peer = exchange_once();
  clock.advance(limits::idle_upstream_connection_max);
  turn();
  expect_new_connection();
  EXPECT_TRUE(peer.has_ended());
}

TEST_F(UpstreamPoolTest, ClosesNowAndThenWhatIsNotFitToBeUsed) {
  TaskScope scope{loop, nullptr};
  scope.spawn("tend", pool.tend());
  Peer gone = exchange_once();
  turn();
  gone.close();
  turn();
  EXPECT_EQ(pool.counters().idle, 1u);
  clock.advance(limits::idle_upstream_check_interval);
  turn();
  EXPECT_EQ(pool.counters().idle, 0u);

  Task<void> closing = scope.close(loop.now());
  closing.start();
  EXPECT_TRUE(until([&] { return closing.done(); }));
}

TEST_F(UpstreamPoolTest, RepeatsOnANewConnectionWhenAKeptOneTurnsOutToBeDead) {
  for (const bool is_reset : {false, true}) {
    Peer peer = exchange_once();
    Opening opening{pool, {.head = get}, no_deadline};
    expect_heard(peer, std::string{get});
    is_reset ? peer.close_with_reset() : peer.close();
    Peer another = expect_request(std::string{get});
    another.send("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nyes");
    expect_body(opening, "yes");
  }
  EXPECT_EQ(pool.counters().stale, 2u);
}

// It was said to the silence before the request, which crossed it on the way.
TEST_F(UpstreamPoolTest, RepeatsWhenAKeptConnectionTurnsOutToHaveWaitedTooLong) {
  constexpr std::string_view timed_out =
      "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
  Peer peer = exchange_once();
  Opening opening{pool, {.head = get}, no_deadline};
  expect_heard(peer, std::string{get});
  peer.send(timed_out);
  Peer another = expect_request(std::string{get});
  another.send(timed_out);
  expect_body(opening, "");
  EXPECT_EQ(opening.answer().head().status, 408) << "a new connection has not waited";
  EXPECT_EQ(pool.counters().stale, 1u);
}

TEST_F(UpstreamPoolTest, RepeatsOnlyOnce) {
  Peer peer = exchange_once();
  Opening opening{pool, {.head = get}, no_deadline};
  expect_heard(peer, std::string{get});
  peer.close();
  Peer another = expect_request(std::string{get});
  another.close();
  EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
  EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_unavailable, Retry::same_upstream));
}

TEST_F(UpstreamPoolTest, DoesNotRepeatWhenAByteOfAnAnswerHasCome) {
  Peer peer = exchange_once();
  Opening opening{pool, {.head = get}, no_deadline};
  expect_heard(peer, std::string{get});
  peer.send("H");
  turn();
  peer.close();
  EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
  EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_unavailable, Retry::never));
}

TEST_F(UpstreamPoolTest, SaysThatAnotherUpstreamMayBeTriedWhenNobodyListens) {
  origin.close();
  Opening opening{pool, {.head = get}, no_deadline};
  EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
  EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_unavailable, Retry::other_upstream));
}

}  // namespace
}  // namespace relay::net
