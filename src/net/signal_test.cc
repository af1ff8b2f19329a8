#include "net/signal.h"

#include <gtest/gtest.h>

#include <string>

#include "base/task.h"

namespace relay::net {
namespace {

using std::chrono_literals::operator""s;

struct SignalTest : testing::Test {
  ManualClock clock;
  Loop loop{clock};
  Signal signal{loop};
  TimePoint soon = clock.now() + 5s;
  std::string log;
};

Task<void> wait(Signal& signal, TimePoint deadline, std::string& log, char name) {
  const bool arrived = co_await signal.wait(deadline);
  log += arrived ? name : '!';
}

TEST_F(SignalTest, LetsAllWhoWaitGoOnInTheirOrder) {
  Task<void> a = wait(signal, soon, log, 'a');
  Task<void> b = wait(signal, soon, log, 'b');
  a.start();
  b.start();
  loop.poll();
  EXPECT_EQ(log, "");
  signal.set();
  loop.poll();
  EXPECT_EQ(log, "ab");
}

TEST_F(SignalTest, LetsNobodyWaitOnceItIsSet) {
  signal.set();
  Task<void> late = wait(signal, soon, log, 'l');
  late.start();
  EXPECT_EQ(log, "l");
}

TEST_F(SignalTest, SaysThatItDidNotComeInTime) {
  Task<void> waiter = wait(signal, soon, log, 'w');
  waiter.start();
  clock.advance(5s);
  loop.poll();
  EXPECT_EQ(log, "!");
}

TEST_F(SignalTest, ForgetsWhoWasDestroyed) {
  {
    Task<void> waiter = wait(signal, soon, log, 'w');
    waiter.start();
  }
  signal.set();
  loop.poll();
  EXPECT_EQ(log, "");
}

}  // namespace
}  // namespace relay::net
