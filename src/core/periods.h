#pragma once

#include <chrono>
#include <optional>

#include "base/time_zone.h"
#include "core/period_count.h"
#include "core/terms.h"

namespace relay::core {

// Which part of the calendar each window counts at an instant: a day, a week, a month; for
// five_hours a quarter of an hour; for total always the same.
using Periods = PerWindow<PeriodNumber>;

inline constexpr std::chrono::minutes quarter_length{15};

// five_hours is the quarter of an hour that is running and this many before it: what was taken
// leaves it between 5 h and 5 h 15 min later.
inline constexpr PeriodNumber quarters_before = 20;

PeriodNumber quarter_of(WallTime at) noexcept;
WallTime start_of_quarter(PeriodNumber quarter) noexcept;

Periods periods_at(const TimeZone& zone, WallTime at);

// Since when a window counts at an instant, and when all that is counted then will have left it.
// None: total, which has no such times.
std::optional<WallTime> window_start(const TimeZone& zone, Window window, WallTime now);
std::optional<WallTime> window_end(const TimeZone& zone, Window window, WallTime now);

// Tells the periods of instants that follow each other: asks the zone once a day. Belongs to one
// thread.
class Calendar {
 public:
  explicit Calendar(TimeZone zone) noexcept : zone_{std::move(zone)} {}

  [[nodiscard]] const Periods& at(WallTime now);
  [[nodiscard]] const TimeZone& zone() const noexcept { return zone_; }

 private:
  TimeZone zone_;
  WallTime day_start_{};
  WallTime day_end_{};
  Periods today_;
};

}  // namespace relay::core
