#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/limits.h"
#include "base/task.h"
#include "net/fd.h"
#include "net/loop.h"
#include "net/signal.h"

namespace relay::net {

// A few threads for work that blocks or takes long, such as bcrypt and getaddrinfo(), so that no
// loop ever does. See run_on().
//
// Thread-safe. Destroyed before the loops that its jobs report to.
class Workers {
 public:
  using Job = std::move_only_function<void()>;

  explicit Workers(std::size_t threads = limits::worker_threads,
                   std::size_t jobs_max = limits::worker_jobs_max);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Drops the jobs that wait and waits for those that run.
  ~Workers();

  // Runs `job`, which must not throw, on one of the threads, in order of submission. False when
  // `jobs_max` are waiting: the job was dropped.
  [[nodiscard]] bool submit(Job job);

 private:
  void work();

  std::size_t jobs_max_;
  Guarded<std::deque<Job>> jobs_;
  std::counting_semaphore<> due_{0};  // As many as there are jobs, and one per thread at the end.
  std::atomic<bool> stopping_ = false;
  std::vector<std::jthread> threads_;
};

// What a worker hands to the coroutine that waits for it. The worker writes the outcome before it
// posts to the loop, and the loop reads it afterwards.
template <typename T>
struct WorkOutcome {
  explicit WorkOutcome(Loop& loop) noexcept : finished{loop} {}

  void fill(std::move_only_function<T()>& job) noexcept {
    try {
      value = job();
    } catch (...) {
      thrown = std::current_exception();
    }
  }

  Signal finished;  // Of the loop only.
  std::optional<T> value;
  std::exception_ptr thrown;
};

// Runs `job` on one of `workers` and gives what it returns, on the loop. An exception is passed on.
//
// no_buffer_space: too many jobs are waiting. timed_out: not finished by the deadline; the job goes
// on, and what it gives is dropped. That is also so when the awaiting coroutine is destroyed, so
// the job must own what it uses, or it must outlive the workers.
template <typename T>
Task<IoResult<T>> run_on(Workers& workers, Loop& loop, std::move_only_function<T()> job,
                         TimePoint deadline) {
  const auto outcome = std::make_shared<WorkOutcome<T>>(loop);
  const bool is_accepted = workers.submit([&loop, outcome, job = std::move(job)]() mutable {
    outcome->fill(job);
    job = nullptr;
    // A loop that cannot even be told leaves its coroutine to its deadline.
    static_cast<void>(loop.post([outcome = std::move(outcome)] { outcome->finished.set(); }));
  });
  if (!is_accepted) co_return std::unexpected(std::errc::no_buffer_space);

  const bool is_finished = co_await outcome->finished.wait(deadline);
  if (!is_finished) co_return std::unexpected(std::errc::timed_out);
  if (outcome->thrown) std::rethrow_exception(outcome->thrown);
  co_return std::move(*outcome->value);
}

}  // namespace relay::net
