#include <sys/ioctl.h>

#include "net/socket_fixture.h"

namespace relay::net {
namespace {

int bytes_at(Socket& socket) {
  int count = 0;
  EXPECT_EQ(::ioctl(socket.watch().fd.get(), FIONREAD, &count), 0);
  return count;
}

// Sends when `due`, having noted what had come at `other` by then.
Task<void> send_at(Loop& loop, TimePoint due, Socket& socket, Socket& other, int& seen) {
  co_await loop.sleep_until(due);
  seen = bytes_at(other);
  const IoResult<void> sent = co_await socket.write({"hello"}, no_deadline);
  EXPECT_TRUE(sent);
}

struct PutOffSendTest : SocketTest {
  Ends first = pair();
  Ends second = pair();
  TimePoint due = clock.now() + 1s;
  int seen = -1;
  int seen_later = -1;
};

TEST_F(PutOffSendTest, GoesOutWhenAllThatAreReadyHaveRunAndInTheSameTurn) {
  Task<void> one = send_at(loop, due, first.near, second.far, seen);
  Task<void> other = send_at(loop, due, second.near, first.far, seen_later);
  one.start();
  other.start();
  clock.advance(1s);
  loop.poll();
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(seen_later, 0);
  EXPECT_TRUE(one.done() && other.done());
  EXPECT_EQ(bytes_at(first.far), 5);
  EXPECT_EQ(bytes_at(second.far), 5);
}

Task<void> destroy_at(Loop& loop, TimePoint due, std::optional<Task<void>>& victim) {
  co_await loop.sleep_until(due);
  victim.reset();
}

TEST_F(PutOffSendTest, NeverGoesOutIfItsCoroutineIsDestroyedMeanwhile) {
  std::optional<Task<void>> victim = send_at(loop, due, first.near, second.far, seen);
  victim->start();
  Task<void> killer = destroy_at(loop, due, victim);
  killer.start();
  clock.advance(1s);
  loop.poll();
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(bytes_at(first.far), 0);
}

Task<void> flood_at(Loop& loop, TimePoint due, Socket& socket, IoResult<void>& outcome) {
  const std::string part(limits::send_at_once_bytes_min - 1, 'x');
  co_await loop.sleep_until(due);
  do outcome = co_await socket.write({part}, due + 5s);
  while (outcome);
}

TEST_F(PutOffSendTest, EndsAtItsDeadlineWhenThereIsNoRoomForIt) {
  IoResult<void> outcome;
  Task<void> flooder = flood_at(loop, due, first.near, outcome);
  flooder.start();
  clock.advance(1s);
  for (int turn = 0; turn < 100; ++turn) loop.poll();
  EXPECT_FALSE(flooder.done());
  clock.advance(5s);
  loop.poll();
  ASSERT_TRUE(flooder.done());
  EXPECT_EQ(outcome.error(), std::errc::timed_out);
}

Task<void> send_much_at(Loop& loop, TimePoint due, Socket& socket) {
  const std::string much(limits::send_at_once_bytes_min, 'x');
  co_await loop.sleep_until(due);
  const IoResult<void> sent = co_await socket.write({much}, no_deadline);
  EXPECT_TRUE(sent);
}

TEST_F(PutOffSendTest, GoesOutAtOnceIfItIsMuch) {
  Task<void> much = send_much_at(loop, due, first.near);
  Task<void> other = send_at(loop, due, second.near, first.far, seen);
  much.start();
  other.start();
  clock.advance(1s);
  loop.poll();
  EXPECT_TRUE(much.done() && other.done());
  EXPECT_EQ(seen, static_cast<int>(limits::send_at_once_bytes_min));
}

Task<void> send_often(Loop& loop, TimePoint due, Socket& socket, int& sent) {
  co_await loop.sleep_until(due);
  for (; sent < 100; ++sent) {
    const IoResult<void> one = co_await socket.write({"x"}, no_deadline);
    if (!one) co_return;
  }
}

TEST_F(PutOffSendTest, DoesNotKeepATurnFromEnding) {
  int sent = 0;
  Task<void> sender = send_often(loop, due, first.near, sent);
  sender.start();
  clock.advance(1s);
  loop.poll();
  EXPECT_LE(sent, limits::sends_in_a_turn_max);
  for (int turn = 0; turn < 100 && !sender.done(); ++turn) loop.poll();
  EXPECT_EQ(sent, 100);
}

}  // namespace
}  // namespace relay::net
