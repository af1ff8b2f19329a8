#pragma once

#include <chrono>

#include "base/task.h"

namespace relay {

using TimePoint = std::chrono::steady_clock::time_point;

// An instant of the calendar, for people and for the ledger. Deadlines and rates use TimePoint,
// which no administrator can set back.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// Said aloud where a wait may last for ever; everywhere else a wait ends.
inline constexpr TimePoint no_deadline = TimePoint::max();

// Where the time comes from. Handed over, never called globally, so that tests need not sleep.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const noexcept = 0;
  [[nodiscard]] virtual WallTime wall() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall() const noexcept override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

// A clock that moves when it is told to. Belongs to one thread.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const noexcept override { return now_; }
  [[nodiscard]] WallTime wall() const noexcept override { return wall_; }
  void advance(TimePoint::duration step) noexcept {
    now_ += step;
    wall_ += std::chrono::duration_cast<std::chrono::milliseconds>(step);
  }
  void set_wall(WallTime wall) noexcept { wall_ = wall; }

 private:
  TimePoint now_{};
  WallTime wall_{};
};

// A port: how code that knows no event loop waits for a point in time. Implemented by net/.
// Belongs to one thread.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  [[nodiscard]] virtual TimePoint now() const noexcept = 0;  // When this turn of the loop began.
  virtual Task<void> sleep_until(TimePoint due) = 0;
};

}  // namespace relay
