// What is close together is read together, and nothing waits for long.
#include "net/upstream_fixture.h"

namespace relay::net {
namespace {

struct UpstreamBurstTest : UpstreamPoolTest {
  static constexpr std::string_view head =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n";
  static constexpr std::string_view piece = "2\r\ncd\r\n";
  static constexpr std::string_view end = "0\r\n\r\n";

  UpstreamBurstTest() { expect_open(opening); }

  void send(std::string_view text) {
    peer.send(text);
    turn();
  }
  // The next piece is left to gather.
  void begin_burst() {
    send(piece);
    send(piece);
    ASSERT_EQ(reading.chunks, 3);
  }

  Opening opening{pool, {.head = get}, no_deadline};
  Peer peer = [this] {
    clock.advance(1s);
    Peer its_peer = expect_request(std::string{get});
    its_peer.send(head);
    turn();
    return its_peer;
  }();
  Reading reading{opening.answer(), no_deadline};
};

TEST_F(UpstreamBurstTest, NeverHoldsAStreamOfOrdinaryPace) {
  for (int i = 0; i < 10; ++i) {
    clock.advance(limits::burst_gap);
    turn();
    send(piece);
    EXPECT_EQ(reading.chunks, i + 2);
  }
}

TEST_F(UpstreamBurstTest, NeverHoldsTheBeginningOfABurst) {
  clock.advance(1s);
  turn();
  send(piece);
  EXPECT_EQ(reading.chunks, 2);
  send(piece);
  EXPECT_EQ(reading.chunks, 3);
}

TEST_F(UpstreamBurstTest, ReadsTheRestOfABurstAtOnceAndInTime) {
  begin_burst();
  for (int i = 0; i < 20; ++i) send(piece);
  EXPECT_EQ(reading.chunks, 3);
  clock.advance(limits::burst_gather);
  turn();
  EXPECT_EQ(reading.chunks, 4);
  EXPECT_EQ(reading.body.size(), 2u * 23);
}

TEST_F(UpstreamBurstTest, HoldsNoBufferMeanwhile) {
  begin_burst();
  send(piece);
  EXPECT_EQ(buffers.stream.in_use(), 0u);
}

TEST_F(UpstreamBurstTest, GivesMuchWithoutWaiting) {
  begin_burst();
  send("8000\r\n" + std::string(limits::burst_bytes, 'x'));
  EXPECT_EQ(reading.body.size(), 6 + limits::burst_bytes);
}

TEST_F(UpstreamBurstTest, HearsEachPieceAgainWhenABurstIsOver) {
  begin_burst();
  clock.advance(limits::burst_gather);
  turn();
  clock.advance(1s);
  turn();
  send(piece);
  EXPECT_EQ(reading.chunks, 4);
}

TEST_F(UpstreamBurstTest, HearsAtOnceThatTheUpstreamBreaksOff) {
  begin_burst();
  peer.close();
  EXPECT_TRUE(until([&] { return reading.error.has_value(); }));
  EXPECT_EQ(reading.error->code, ErrorCode::upstream_unavailable);
}

TEST_F(UpstreamBurstTest, KeepsTheConnectionAsItWas) {
  begin_burst();
  send(end);
  clock.advance(limits::burst_gather);
  EXPECT_TRUE(until([&] { return reading.is_complete; }));
  Opening again{pool, {.head = get}, no_deadline};
  expect_heard(peer, std::string{get});
  peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  expect_body(again, "ok");
  EXPECT_EQ(pool.counters().reused, 1u);
}

TEST_F(UpstreamBurstTest, HearsAnIdleConnectionThatIsSpokenOn) {
  begin_burst();
  send(end);
  clock.advance(limits::burst_gather);
  EXPECT_TRUE(until([&] { return reading.is_complete; }));
  send("what nobody asked for");
  expect_new_connection();
}

TEST_F(UpstreamBurstTest, MayBeDestroyedAndReadAgain) {
  begin_burst();
  reading.task = {};
  send(piece);
  Reading again{opening.answer(), no_deadline};
  clock.advance(limits::burst_gather);
  EXPECT_TRUE(until([&] { return again.chunks == 1; }));
}

// A read that is due earlier than what it would gather is an ordinary one.
TEST_F(UpstreamBurstTest, KeepsItsDeadline) {
  begin_burst();
  reading.task = {};
  Reading hasty{opening.answer(), clock.now() + limits::burst_gather / 2};
  clock.advance(limits::burst_gather / 2);
  EXPECT_TRUE(until([&] { return hasty.error.has_value(); }));
  EXPECT_EQ(hasty.error->code, ErrorCode::upstream_timeout);
  Reading again{opening.answer(), no_deadline};
  clock.advance(limits::burst_gap);
  turn();
  send(piece);
  EXPECT_EQ(again.chunks, 1);
}

// Nothing of it is urgent, and its length says when it has come.
TEST_F(UpstreamBurstTest, DoesNotHoldABodyOfKnownLength) {
  Opening counted{pool, {.head = get}, no_deadline};
  Peer other = expect_request(std::string{get});
  other.send("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n");
  ASSERT_TRUE(expect_open(counted));
  Reading whole{counted.answer(), no_deadline};
  for (int i = 0; i < 10; ++i) {
    other.send("xy");
    turn();
  }
  EXPECT_TRUE(whole.is_complete);
}

}  // namespace
}  // namespace relay::net
