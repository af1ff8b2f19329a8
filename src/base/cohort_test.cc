#include "base/cohort.h"

#include <gtest/gtest.h>

#include "base/task.h"

namespace relay {
namespace {

Task<void> take_two_steps(Cohort& cohort, int& steps) {
  for (int step = 0; step < 2; ++step) {
    ++steps;
    co_await Cohort::Step{cohort};
  }
}

TEST(Cohort, LetsWhoIsAloneGoOnAtOnce) {
  Cohort cohort;
  int steps = 0;
  Task<void> walk = take_two_steps(cohort, steps);
  walk.start();
  EXPECT_TRUE(walk.done());
  EXPECT_FALSE(cohort.begin_step());
}

TEST(Cohort, HoldsWhoeverComesUntilTheNextStepBegins) {
  Cohort cohort;
  int steps = 0;
  Task<void> first = take_two_steps(cohort, steps);
  Task<void> second = take_two_steps(cohort, steps);
  cohort.expect_others(true);
  first.start();
  cohort.expect_others(false);
  second.start();
  EXPECT_EQ(steps, 2);
  EXPECT_TRUE(cohort.is_waiting());

  ASSERT_TRUE(cohort.begin_step());
  EXPECT_FALSE(cohort.is_waiting());
  cohort.next().resume();
  EXPECT_EQ(steps, 3);
  EXPECT_TRUE(cohort.is_waiting()) << "the other one has not come as far";
  cohort.next().resume();
  EXPECT_EQ(cohort.next(), nullptr);
  while (cohort.begin_step()) cohort.next().resume();
  EXPECT_TRUE(first.done() || second.done());
}

TEST(Cohort, ForgetsWhoWasDestroyedAtAStep) {
  Cohort cohort;
  int steps = 0;
  {
    Task<void> walk = take_two_steps(cohort, steps);
    cohort.expect_others(true);
    walk.start();
    EXPECT_TRUE(cohort.is_waiting());
  }
  EXPECT_FALSE(cohort.begin_step());
}

}  // namespace
}  // namespace relay
