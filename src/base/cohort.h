#pragma once

#include <coroutine>

#include "base/list.h"

namespace relay {

// Coroutines that a loop resumes together, and that take each step of their way together: who has
// come to the end of a step waits until the others have come as far, or wait for something else. So
// the code of a step is loaded into the processor's cache once for all of them (Larus and Parkes,
// Using Cohort Scheduling to Enhance Server Performance, USENIX 2002).
//
//   co_await Cohort::Step{cohort};
//
// Whoever is alone goes on at once. Of one loop, and its thread.
class Cohort {
 public:
  class Step;

  // The loop's: whether more are to be resumed after the next one.
  void expect_others(bool are_to_come) noexcept { are_to_come_ = are_to_come; }

  // The loop's: takes all that wait to the next step, where next() gives them one after the other,
  // and null behind the last one. False if nobody waits.
  [[nodiscard]] bool begin_step() noexcept;
  [[nodiscard]] std::coroutine_handle<> next() noexcept;

  // Whether somebody waits for a step to begin.
  [[nodiscard]] bool is_waiting() const noexcept { return !waiting_.empty(); }

 private:
  bool are_to_come_ = false;
  List<Step> waiting_;
  List<Step> going_;
};

// A place to wait, as often as its owner likes. Destroyed with the frame it lies in; nobody resumes
// that then.
class Cohort::Step : private Link {
 public:
  explicit Step(Cohort& cohort) noexcept : cohort_{cohort} {}
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  ~Step() = default;

  [[nodiscard]] bool await_ready() const noexcept {
    return !cohort_.are_to_come_ && cohort_.going_.empty() && cohort_.waiting_.empty();
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    coroutine_ = coroutine;
    cohort_.waiting_.push_back(*this);
  }
  void await_resume() const noexcept {}

 private:
  friend class Cohort;
  template <typename>
  friend class List;

  Cohort& cohort_;
  std::coroutine_handle<> coroutine_;
};

inline bool Cohort::begin_step() noexcept {
  going_.take_all(waiting_);
  return !going_.empty();
}

inline std::coroutine_handle<> Cohort::next() noexcept {
  return going_.empty() ? nullptr : going_.pop_front().coroutine_;
}

}  // namespace relay
