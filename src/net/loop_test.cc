#include "net/loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include "base/task.h"
#include "net/loop_sleeper.h"

namespace relay::net {
namespace {

using namespace std::chrono_literals;

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

Task<void> sleep_well(Sleeper& sleeper, TimePoint due, bool& awake) {
  co_await sleeper.sleep_until(due);
  awake = true;
}

TEST_F(LoopTest, LetsThoseSleepWhoKnowNoLoop) {
  LoopSleeper sleeper{loop};
  bool awake = false;
  Task<void> sleeping = sleep_well(sleeper, sleeper.now() + 5s, awake);
  sleeping.start();
  clock.advance(5s);
  loop.poll();
  EXPECT_TRUE(awake);
  EXPECT_EQ(sleeper.now(), clock.now());
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

Task<void> take_steps(Loop& loop, char name, std::string& steps) {
  co_await loop.sleep_until(loop.now() + 1ms * name);
  for (const char step : {'1', '2', '3'}) {
    steps += {name, step, ' '};
    co_await Cohort::Step{loop.cohort()};
  }
}

TEST_F(LoopTest, LetsThoseWhoAreReadyTogetherTakeEachStepTogether) {
  std::string steps;
  std::array those = {take_steps(loop, 'a', steps), take_steps(loop, 'b', steps),
                      take_steps(loop, 'c', steps)};
  for (Task<void>& one : those) one.start();
  clock.advance(1s);
  loop.poll();
  EXPECT_EQ(steps, "a1 b1 c1 a2 b2 c2 a3 b3 c3 ");
  for (Task<void>& one : those) EXPECT_TRUE(one.done());
}

TEST_F(LoopTest, DoesNotResumeWhoWasDestroyedAtAStep) {
  std::string steps;
  std::optional<Task<void>> victim = take_steps(loop, 'a', steps);
  victim->start();
  Task<void> killer = destroy_at(loop, clock.now() + 500ms, victim);
  killer.start();
  clock.advance(1s);
  loop.poll();
  EXPECT_EQ(steps, "a1 ");
}

Task<void> take_many_steps(Loop& loop, int& steps) {
  co_await loop.sleep_until(loop.now());
  for (; steps < 2 * limits::steps_in_a_turn_max; ++steps) {
    co_await Cohort::Step{loop.cohort()};
  }
}

// Whoever has an endless way must not keep the loop from everybody else.
TEST_F(LoopTest, EndsATurnAfterSoManySteps) {
  std::array steps = {0, 0};
  Task<void> one = take_many_steps(loop, steps[0]);
  Task<void> other = take_many_steps(loop, steps[1]);
  one.start();
  other.start();
  loop.poll();
  EXPECT_EQ(steps[0], limits::steps_in_a_turn_max);
  EXPECT_FALSE(one.done());
  loop.poll();
  loop.poll();
  EXPECT_TRUE(one.done() && other.done());
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

Task<void> stop_after(Loop& loop, TimePoint::duration time) {
  co_await loop.sleep_until(loop.now() + time);
  loop.stop();
}

// A millisecond is what a coarser wait would take. One of many tries must be faster, however busy
// the machine is.
TEST(LoopThreads, SleepsForLessThanAMillisecond) {
  const SystemClock clock;
  Loop loop{clock};
  TimePoint::duration shortest = 1h;
  for (int attempt = 0; attempt < 100; ++attempt) {
    loop.poll();
    const TimePoint begun = clock.now();
    Task<void> sleeping = stop_after(loop, 50us);
    sleeping.start();
    loop.run();
    shortest = std::min(shortest, clock.now() - begun);
  }
  EXPECT_LT(shortest, 900us);
}

TEST(LoopThreads, StopsWhenToldByAnotherThread) {
  const SystemClock clock;
  Loop loop{clock};
  const std::jthread stopper{[&] { loop.stop(); }};
  loop.run();
}

}  // namespace
}  // namespace relay::net
