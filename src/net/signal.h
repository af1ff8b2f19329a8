#pragma once

#include "base/list.h"
#include "net/loop.h"
#include "net/operation.h"

namespace relay::net {

// Something that happens once, and that any number of coroutines may wait for.
//
//   const bool arrived = co_await signal.wait(deadline);
//
// Belongs to one loop. Outlives those who wait.
class Signal {
 public:
  class Wait;

  explicit Signal(Loop& loop) noexcept : loop_{loop} {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // Lets everyone go on who waits, in the order in which they came. More than once is once.
  void set() noexcept;
  [[nodiscard]] bool is_set() const noexcept { return is_set_; }

  // Whether it is set. False: not by the deadline.
  [[nodiscard]] Wait wait(TimePoint deadline) noexcept;

 private:
  struct Place;

  Loop& loop_;
  List<Place> waiting_;
  bool is_set_ = false;
};

struct Signal::Place : Link {
  explicit Place(Operation& its_operation) noexcept : operation{its_operation} {}
  Operation& operation;
};

class Signal::Wait final : public Operation {
 public:
  Wait(Signal& signal, TimePoint deadline) noexcept
      : Operation{signal.loop_, deadline}, signal_{signal} {}

  void await_suspend(std::coroutine_handle<> coroutine) {
    Operation::await_suspend(coroutine);
    signal_.waiting_.push_back(place_);
  }
  [[nodiscard]] bool await_resume() const noexcept { return signal_.is_set_; }

 private:
  bool perform() noexcept override { return signal_.is_set_; }

  Signal& signal_;
  Place place_{*this};
};

inline Signal::Wait Signal::wait(TimePoint deadline) noexcept {
  return {*this, deadline};
}

inline void Signal::set() noexcept {
  is_set_ = true;
  while (!waiting_.empty()) loop_.wake(waiting_.pop_front().operation);
}

}  // namespace relay::net
