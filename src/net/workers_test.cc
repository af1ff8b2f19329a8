#include "net/workers.h"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <stdexcept>
#include <string>

namespace relay::net {
namespace {

using std::chrono_literals::operator""s;

struct WorkersTest : testing::Test {
  SystemClock clock;
  Loop loop{clock};
  Workers workers{2, 4};
  TimePoint soon = clock.now() + 30s;
  std::optional<IoResult<std::string>> said;
};

Task<void> work(Workers& workers, Loop& loop, std::move_only_function<std::string()> job,
                TimePoint deadline, std::optional<IoResult<std::string>>& said) {
  said = co_await run_on<std::string>(workers, loop, std::move(job), deadline);
  loop.stop();
}

TEST_F(WorkersTest, GivesWhatTheJobReturnsOnTheLoopsThread) {
  const std::thread::id here = std::this_thread::get_id();
  const auto job = [here] { return std::this_thread::get_id() == here ? "here" : "elsewhere"; };
  Task<void> working = work(workers, loop, job, soon, said);
  working.start();
  loop.run();
  EXPECT_EQ(said, IoResult<std::string>{"elsewhere"});
}

TEST_F(WorkersTest, PassesAnExceptionOn) {
  const auto job = []() -> std::string { throw std::runtime_error{"boom"}; };
  Task<IoResult<std::string>> working = run_on<std::string>(workers, loop, job, soon);
  working.start();
  while (!working.done()) loop.poll();
  EXPECT_THROW(working.result(), std::runtime_error);
}

// Both threads are busy until the latch opens.
struct BusyWorkersTest : WorkersTest {
  const std::shared_ptr<std::latch> latch = std::make_shared<std::latch>(1);
  BusyWorkersTest() {
    const auto running = std::make_shared<std::latch>(2);
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(workers.submit([running, latch = latch] {
        running->count_down();
        latch->wait();
      }));
    }
    running->wait();
  }
  ~BusyWorkersTest() override { open(); }
  void open() {
    if (!latch->try_wait()) latch->count_down();
  }
};

TEST_F(BusyWorkersTest, RefusesAJobWhenTooManyWait) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(workers.submit([] {}));
  EXPECT_FALSE(workers.submit([] {}));
  Task<void> working = work(
      workers, loop, [] { return "never"; }, soon, said);
  working.start();
  EXPECT_EQ(said.value(), std::unexpected(std::errc::no_buffer_space));
}

TEST_F(BusyWorkersTest, EndsTheWaitAtItsDeadlineAndFinishesTheJobAllTheSame) {
  const auto held = std::make_shared<std::string>("late");
  const std::weak_ptr<std::string> alive = held;
  Task<void> working = work(
      workers, loop, [held = alive.lock()] { return *held; }, clock.now(), said);
  working.start();
  loop.run();
  EXPECT_EQ(said.value(), std::unexpected(std::errc::timed_out));
  EXPECT_EQ(held.use_count(), 2);
  open();
  while (held.use_count() > 1) loop.poll();
}

TEST_F(BusyWorkersTest, DropsTheOutcomeWhenNobodyWaitsAnyMore) {
  std::atomic<bool> was_run = false;
  {
    Task<void> working = work(
        workers, loop,
        [&was_run] {
          was_run = true;
          return "dropped";
        },
        soon, said);
    working.start();
  }
  open();
  while (!was_run) loop.poll();
  loop.poll();
  EXPECT_FALSE(said.has_value());
}

TEST_F(BusyWorkersTest, DropsTheJobsThatWaitWhenItIsDestroyed) {
  bool was_run = false;
  std::optional<Workers> others{std::in_place, 0u};
  EXPECT_TRUE(others->submit([&was_run] { was_run = true; }));
  others.reset();
  EXPECT_FALSE(was_run);
}

TEST_F(WorkersTest, ServesSeveralLoops) {
  constexpr int loops = 3, jobs_each = 200;
  std::array<std::jthread, loops> threads;
  for (std::jthread& thread : threads) {
    thread = std::jthread{[this] {
      Loop own{clock};
      for (int i = 0; i < jobs_each; ++i) {
        std::optional<IoResult<std::string>> answer;
        Task<void> working = work(
            workers, own, [] { return "done"; }, soon, answer);
        working.start();
        own.run();
        EXPECT_EQ(answer, IoResult<std::string>{"done"});
      }
    }};
  }
}

}  // namespace
}  // namespace relay::net
