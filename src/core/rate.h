#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace relay::core {

// How often something may happen: `count` times in `period`, all of which may come at once.
struct Rate {
  std::int64_t count = 0;  // 0: no limit.
  std::chrono::nanoseconds period = std::chrono::seconds{60};

  [[nodiscard]] bool is_limited() const noexcept { return count > 0; }

  // What one of them takes of time. Rounded up, so that the rate is never exceeded.
  [[nodiscard]] std::chrono::nanoseconds interval() const noexcept {
    return std::chrono::nanoseconds{(period.count() + count - 1) /
                                    std::max<std::int64_t>(count, 1)};
  }
  [[nodiscard]] std::chrono::nanoseconds burst() const noexcept { return interval() * count; }

  friend bool operator==(const Rate&, const Rate&) = default;
};

// Where a key stands with one of its rates.
struct RateState {
  std::int64_t remaining = 0;  // That could be taken now.
  TimePoint full_at{};         // When all of them can be, if none is until then.
};

// Permits for requests: the generic cell rate algorithm (ITU-T I.371 annex A), one number that says
// until when everything is used up. In any stretch of time no more are taken than the rate gives in
// it and one burst.
//
// Any thread; never waits.
class RatePermits {
 public:
  // Zero: one was taken. Otherwise none was, and that is how long until one can be.
  [[nodiscard]] std::chrono::nanoseconds take(const Rate& rate, TimePoint now) noexcept;

  // Undoes a take() that turned out to be for nothing.
  void give_back(std::chrono::nanoseconds interval) noexcept {
    used_until_.fetch_sub(interval.count(), std::memory_order_relaxed);
  }
  [[nodiscard]] RateState state(const Rate& rate, TimePoint now) const noexcept;

 private:
  std::atomic<std::int64_t> used_until_ = 0;  // Nanoseconds of TimePoint.
};

}  // namespace relay::core
