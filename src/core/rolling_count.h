#pragma once

#include <array>
#include <optional>

#include "core/count.h"
#include "core/period_count.h"
#include "core/periods.h"

namespace relay::core {

// An amount over the last five hours: a sum, and what it is made of by quarters of an hour. A
// quarter leaves the sum whole, when it is more than five hours old.
//
// The sum is never less than its parts, so two who take at the same time cannot both have the last
// of it. Any thread; never waits.
class RollingCount {
 public:
  using Quarter = PeriodCount<16, 1U << 15>;  // 65,536 quarters are two years.

  // Before other threads see it.
  void begin(PeriodNumber now) noexcept;
  void load(PeriodNumber quarter, std::int64_t amount) noexcept;

  // Lets go of what is over. Called at least once a year, where add() is.
  void expire(PeriodNumber now) noexcept;

  // As PeriodCount::take(). Lets go of what is over by itself.
  [[nodiscard]] std::optional<PeriodTag> take(PeriodNumber now, std::int64_t amount,
                                              std::int64_t limit) noexcept;
  // As PeriodCount::add(). `began` is what take() was given as `now`.
  void add(PeriodNumber began, PeriodTag counted_in, std::int64_t change) noexcept;

  [[nodiscard]] std::int64_t in(PeriodNumber now) const noexcept;
  static constexpr PeriodTag tag_of(PeriodNumber quarter) noexcept {
    return Quarter::tag_of(quarter);
  }

  // The first quarter, the present one or one to come, at whose beginning the sum is down to `goal`
  // if nothing more is taken.
  [[nodiscard]] PeriodNumber when_down_to(std::int64_t goal, PeriodNumber now) const noexcept;

 private:
  static constexpr PeriodNumber size = quarters_before + 1;

  [[nodiscard]] static bool is_over(const Quarter::Content& quarter, PeriodNumber now) noexcept;

  Count sum_;
  std::atomic<PeriodNumber> expired_ = 0;  // Up to which quarter that has been done.
  std::array<Quarter, size> quarters_;
};

}  // namespace relay::core
