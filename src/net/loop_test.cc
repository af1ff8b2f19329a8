#include "net/loop.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "base/task.h"

namespace relay::net {
namespace {

using std::chrono_literals::operator""s;

struct LoopTest : testing::Test {
  ManualClock clock;
  Loop loop{clock};
};

Task<void> sleep(Loop& loop, TimePoint due, bool& awake) {
  co_await loop.sleep_until(due);
  awake = true;
}

TEST_F(LoopTest, WakesASleeperAtItsTimeAndNotBefore) {
  bool awake = false;
  Task<void> sleeper = sleep(loop, clock.now() + 5s, awake);
  sleeper.start();
  clock.advance(4s);
  loop.poll();
  EXPECT_FALSE(awake);
  clock.advance(1s);
  loop.poll();
  EXPECT_TRUE(awake);
}

TEST_F(LoopTest, ForgetsASleeperThatWasDestroyed) {
  bool awake = false;
  {
    Task<void> sleeper = sleep(loop, clock.now() + 5s, awake);
    sleeper.start();
  }
  clock.advance(5s);
  loop.poll();
  EXPECT_FALSE(awake);
}

Task<void> destroy_at(Loop& loop, TimePoint due, std::optional<Task<void>>& victim) {
  co_await loop.sleep_until(due);
  victim.reset();
}

// Both are in the ready queue when the first one runs.
TEST_F(LoopTest, DoesNotResumeASleeperDestroyedInTheTurnThatWouldHaveWokenIt) {
  bool awake = false;
  std::optional<Task<void>> victim = sleep(loop, clock.now() + 2s, awake);
  victim->start();
  Task<void> killer = destroy_at(loop, clock.now() + 1s, victim);
  killer.start();
  clock.advance(2s);
  loop.poll();
  EXPECT_TRUE(killer.done());
  EXPECT_FALSE(awake);
}

Task<void> take_turns(Loop& loop, int turns, std::string& log, char name) {
  for (int i = 0; i < turns; ++i) {
    log += name;
    co_await loop.next_turn();
  }
}

TEST_F(LoopTest, LetsOthersGoFirst) {
  std::string log;
  Task<void> a = take_turns(loop, 3, log, 'a');
  Task<void> b = take_turns(loop, 3, log, 'b');
  a.start();
  b.start();
  for (int i = 0; i < 3; ++i) loop.poll();
  EXPECT_EQ(log, "ababab");
  EXPECT_TRUE(a.done() && b.done());
}

TEST_F(LoopTest, RefusesAJobWhenTooManyWait) {
  for (std::size_t i = 0; i < limits::posted_jobs_max; ++i) ASSERT_TRUE(loop.post([] {}));
  EXPECT_FALSE(loop.post([] {}));
  loop.poll();
  EXPECT_TRUE(loop.post([] {}));
}

TEST(LoopThreads, RunsWhatOthersPostOnItsOwnThread) {
  const SystemClock clock;
  Loop loop{clock};
  const std::thread::id here = std::this_thread::get_id();
  constexpr int posters = 4, jobs_each = 500;
  int jobs_run = 0;  // Touched by this thread only: ThreadSanitizer would tell otherwise.

  const auto job = [&] {
    EXPECT_EQ(std::this_thread::get_id(), here);
    if (++jobs_run == posters * jobs_each) loop.stop();
  };
  {
    std::array<std::jthread, posters> threads;
    for (std::jthread& thread : threads) {
      thread = std::jthread{[&] {
        for (int i = 0; i < jobs_each; ++i) EXPECT_TRUE(loop.post(job));
      }};
    }
    loop.run();
  }
  EXPECT_EQ(jobs_run, posters * jobs_each);
}

TEST(LoopThreads, StopsWhenToldByAnotherThread) {
  const SystemClock clock;
  Loop loop{clock};
  const std::jthread stopper{[&] { loop.stop(); }};
  loop.run();
}

}  // namespace
}  // namespace relay::net
