#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <utility>
#include <variant>

#include "base/task.h"

namespace relay {

// Two tasks that run at the same time, until the first of them ends. See first_of().
//
// It owns both, and the loser is destroyed with it: at the end of the statement that awaits it, so
// that it is cancelled before the awaiting coroutine goes on; or, if it has a name, with that.
template <typename A, typename B>
class [[nodiscard]] FirstOf {
  template <typename T>
  using Value = std::conditional_t<std::same_as<T, void>, std::monostate, T>;

 public:
  FirstOf(Task<A> a, Task<B> b) noexcept : a_{std::move(a)}, b_{std::move(b)} {}
  FirstOf(FirstOf&&) = delete;
  FirstOf& operator=(FirstOf&&) = delete;
  ~FirstOf() = default;

  bool await_ready() const noexcept { return false; }

  // The tasks begin on top of this stack, where nobody awaits them yet. So one that ends at once
  // returns here, and the awaiting coroutine goes on without having been suspended.
  bool await_suspend(std::coroutine_handle<> awaiter) {
    a_.start();
    if (a_.done()) return false;
    b_.start();
    if (b_.done()) return false;
    a_.continue_with(awaiter);
    b_.continue_with(awaiter);
    return true;
  }

  std::variant<Value<A>, Value<B>> await_resume() {
    using Outcome = std::variant<Value<A>, Value<B>>;
    if (a_.done()) return Outcome{std::in_place_index<0>, value(a_)};
    return Outcome{std::in_place_index<1>, value(b_)};
  }

  // Where it has a name, the loser lives on. So `a` may be awaited after all when `b` was first.
  Task<A> rest_of_first() {
    co_await Rest{a_};
    co_return a_.result();
  }

 private:
  struct Rest {
    Task<A>& task;
    bool await_ready() const noexcept { return task.done(); }
    void await_suspend(std::coroutine_handle<> awaiter) const noexcept {
      task.continue_with(awaiter);
    }
    void await_resume() const noexcept {}
  };

  template <typename T>
  static Value<T> value(Task<T>& task) {
    if constexpr (std::same_as<T, void>) {
      task.result();
      return {};
    } else {
      return task.result();
    }
  }

  Task<A> a_;
  Task<B> b_;
};

// Starts both and gives what the first to end gives: alternative 0 for `a`, 1 for `b`, monostate
// where there is no value. The other is cancelled. If `a` ends without waiting, `b` never starts.
//
//   Task<void> gone = client.gone();
//   Task<Result<Chunk>> next = answer.next(deadline);
//   const auto first = co_await first_of(std::move(gone), std::move(next));
//   if (first.index() == 0) ...
//
// What either refers to must outlive the statement. An exception of the first to end is passed on.
template <typename A, typename B>
FirstOf<A, B> first_of(Task<A> a, Task<B> b) noexcept {
  return {std::move(a), std::move(b)};
}

}  // namespace relay
