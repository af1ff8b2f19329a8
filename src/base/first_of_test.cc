#include "base/first_of.h"

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace relay {
namespace {

// Somewhere to wait until the test says so, as a socket would be.
struct Door {
  std::coroutine_handle<> waiting;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { waiting = coroutine; }
  void await_resume() const noexcept {}
};

Task<std::string> say_behind(Door& door, std::string text, std::shared_ptr<int>) {
  co_await door;
  co_return text;
}
Task<int> one() {
  co_return 1;
}
Task<void> nothing(bool& started) {
  started = true;
  co_return;
}
Task<void> fail_behind(Door& door) {
  co_await door;
  throw std::runtime_error{"boom"};
}

struct FirstOfTest : testing::Test {
  using Said = std::variant<std::string, std::string>;

  Task<void> race() {
    Task<std::string> a = say_behind(left, "left", held);
    Task<std::string> b = say_behind(right, "right", held);
    Said first = co_await first_of(std::move(a), std::move(b));
    held_after = held.use_count();
    said = std::move(first);
  }

  std::shared_ptr<int> held = std::make_shared<int>();
  Door left, right;
  std::optional<Said> said;
  long held_after = 0;
};

TEST_F(FirstOfTest, GivesWhatTheFirstToEndGives) {
  Task<void> racing = race();
  racing.start();
  EXPECT_FALSE(racing.done());
  right.waiting.resume();
  ASSERT_TRUE(racing.done());
  EXPECT_EQ(said->index(), 1u);
  EXPECT_EQ(std::get<1>(*said), "right");
}

TEST_F(FirstOfTest, HasDestroyedTheLoserWhenTheAwaitingCoroutineGoesOn) {
  Task<void> racing = race();
  racing.start();
  EXPECT_EQ(held.use_count(), 3);
  left.waiting.resume();
  EXPECT_EQ(held_after, 1);
}

TEST_F(FirstOfTest, DestroysBothWhenItIsDestroyedWhileSuspended) {
  {
    Task<void> racing = race();
    racing.start();
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
}

Task<void> race_one_against_nothing(bool& started, std::size_t& first_index) {
  const auto first = co_await first_of(one(), nothing(started));
  first_index = first.index();
}
TEST_F(FirstOfTest, DoesNotStartTheSecondWhenTheFirstEndsAtOnce) {
  bool started = false;
  std::size_t first = 2;
  Task<void> racing = race_one_against_nothing(started, first);
  racing.start();
  EXPECT_TRUE(racing.done());
  EXPECT_EQ(first, 0u);
  EXPECT_FALSE(started);
}

Task<void> race_door_against_one(Door& door, std::shared_ptr<int> held, std::size_t& first_index) {
  const auto first = co_await first_of(say_behind(door, "late", std::move(held)), one());
  first_index = first.index();
}
TEST_F(FirstOfTest, CancelsTheFirstWhenTheSecondEndsAtOnce) {
  std::size_t first = 2;
  Task<void> racing = race_door_against_one(left, held, first);
  racing.start();
  EXPECT_TRUE(racing.done());
  EXPECT_EQ(first, 1u);
  EXPECT_EQ(held.use_count(), 1);
}

Task<void> race_failure(Door& door, Door& other) {
  co_await first_of(fail_behind(door), fail_behind(other));
}
TEST_F(FirstOfTest, PassesAnExceptionOn) {
  Task<void> racing = race_failure(left, right);
  racing.start();
  left.waiting.resume();
  ASSERT_TRUE(racing.done());
  EXPECT_THROW(racing.result(), std::runtime_error);
}

Task<void> hear_both(Door& left, Door& right, std::string& heard) {
  auto both = first_of(say_behind(left, "left", nullptr), say_behind(right, "right", nullptr));
  const auto first = co_await both;
  heard = std::get<1>(first);
  std::string rest = co_await both.rest_of_first();
  heard += " then " + rest;
}
TEST_F(FirstOfTest, LetsTheFirstTaskEndAfterTheSecondWhereItHasAName) {
  std::string heard;
  Task<void> hearing = hear_both(left, right, heard);
  hearing.start();
  right.waiting.resume();
  EXPECT_EQ(heard, "right");
  EXPECT_FALSE(hearing.done());
  left.waiting.resume();
  EXPECT_EQ(heard, "right then left");
  EXPECT_TRUE(hearing.done());
}

Task<int> count_wins(int end) {
  int wins = 0;
  bool started = false;
  while (wins < end) {
    const auto first = co_await first_of(one(), nothing(started));
    wins += std::get<0>(first);
  }
  co_return wins;
}
TEST_F(FirstOfTest, UsesNoMoreStackForManyRacesThatNeverSuspend) {
  Task<int> counting = count_wins(1'000'000);
  counting.start();
  EXPECT_EQ(counting.result(), 1'000'000);
}

Task<void> win_over_and_over(Door& door, Door& other, int end, int& wins) {
  while (wins < end) {
    const auto first = co_await first_of(fail_behind(other), say_behind(door, "", nullptr));
    wins += static_cast<int>(first.index());
  }
}
TEST_F(FirstOfTest, UsesNoMoreStackForManyRacesThatDoSuspend) {
  constexpr int end = 300'000;
  int wins = 0;
  Task<void> winning = win_over_and_over(left, right, end, wins);
  winning.start();
  while (wins < end) left.waiting.resume();
  EXPECT_TRUE(winning.done());
}

}  // namespace
}  // namespace relay
