#pragma once

#include <algorithm>
#include <cstddef>

#include "base/clock.h"
#include "base/limits.h"

namespace relay::net {

// How long the sender of a body may still keep us waiting. It begins with a grace, waiting spends
// it and every byte earns some more, up to limits::body_stall_max: so nobody can send much at first
// and live on it for hours. Time in which nobody waits for the sender costs it nothing.
class BodyPace {
 public:
  using Duration = TimePoint::duration;

  BodyPace(Duration grace, std::size_t bytes_per_second_min) noexcept
      : left_{grace}, bytes_per_second_min_{bytes_per_second_min} {}

  [[nodiscard]] Duration left() const noexcept { return left_; }

  void spend(Duration waited) noexcept { left_ -= std::min(left_, waited); }

  void earn(std::size_t bytes) noexcept {
    const std::chrono::milliseconds earned{bytes * 1'000 / bytes_per_second_min_};
    left_ = std::min(left_ + earned, std::max<Duration>(left_, limits::body_stall_max));
  }

 private:
  Duration left_;
  std::size_t bytes_per_second_min_;
};

}  // namespace relay::net
