#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <utility>
#include <variant>

#include "base/frame_pool.h"

namespace relay {

template <typename T>
class TaskPromise;

// A computation that may suspend.
//
// It starts when it is awaited, stays on the thread that awaits it and ends in a value or an
// exception. The Task owns its frame: destroying a suspended task destroys its locals, and with
// them whatever it was waiting for. That is the only form of cancellation, and it cannot fail.
//
// Parameters taken by reference must outlive the co_await; those of a spawned task, its scope.
template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;

  Task() noexcept = default;  // No task; only to be assigned to.
  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_{frame} {}
  Task(Task&& other) noexcept : frame_{std::exchange(other.frame_, nullptr)} {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // Runs the task until it ends, then the awaiting coroutine: neither nests on the other's stack.
  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> frame;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) const noexcept {
        frame.promise().awaiter = awaiter;
        return frame;
      }
      T await_resume() const { return frame.promise().result(); }
    };
    return Awaiter{frame_};
  }

  // For an owner that does not await it, such as a test or first_of().
  void start() { frame_.resume(); }
  // Who continues when the task has ended. Requires: not done.
  void continue_with(std::coroutine_handle<> awaiter) noexcept {
    frame_.promise().awaiter = awaiter;
  }
  [[nodiscard]] bool done() const noexcept { return frame_.done(); }
  T result() { return frame_.promise().result(); }

 private:
  std::coroutine_handle<promise_type> frame_;
};

class TaskPromiseBase : public InFramePool {
 public:
  // Who continues when this task has ended; nobody, if it was start()ed.
  std::coroutine_handle<> awaiter = std::noop_coroutine();

  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() const noexcept {
    struct ReturnToAwaiter : std::suspend_always {
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept {
        return awaiter;
      }
      std::coroutine_handle<> awaiter;
    };
    return ReturnToAwaiter{{}, awaiter};
  }
};

template <typename T>
class TaskPromise : public TaskPromiseBase {
 public:
  auto get_return_object() noexcept {
    return Task<T>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
  }
  template <std::convertible_to<T> U = T>
  void return_value(U&& value) {
    outcome_.template emplace<T>(std::forward<U>(value));
  }
  void unhandled_exception() {
    outcome_.template emplace<std::exception_ptr>(std::current_exception());
  }

  T result() {
    if (auto* thrown = std::get_if<std::exception_ptr>(&outcome_)) std::rethrow_exception(*thrown);
    return std::get<T>(std::move(outcome_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> outcome_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  auto get_return_object() noexcept {
    return Task<void>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
  }
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

  void result() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  std::exception_ptr thrown_;
};

}  // namespace relay
