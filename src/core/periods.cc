#include "core/periods.h"

namespace relay::core {
namespace {

using namespace std::chrono;

// So that no number is negative. A whole number of weeks.
constexpr days before_all{7 * 100'000};
constexpr int months_before_all = 12 * 10'000;

PeriodNumber number(std::int64_t value) noexcept {
  return static_cast<PeriodNumber>(value);
}

Periods periods_of(sys_days day) noexcept {
  const std::int64_t count = (day.time_since_epoch() + before_all).count();
  const year_month_day date{day};
  constexpr int monday = 3;  // 1 January 1970 was a Thursday.
  Periods periods;
  periods[Window::day] = number(count);
  periods[Window::week] = number((count + monday) / 7);
  periods[Window::month] =
      number(int{date.year()} * 12 + static_cast<int>(unsigned{date.month()}) + months_before_all);
  return periods;
}

CalendarUnit unit_of(Window window) noexcept {
  if (window == Window::week) return CalendarUnit::week;
  return window == Window::month ? CalendarUnit::month : CalendarUnit::day;
}

}  // namespace

PeriodNumber quarter_of(WallTime at) noexcept {
  return number(floor<minutes>(at.time_since_epoch()) / quarter_length);
}

WallTime start_of_quarter(PeriodNumber quarter) noexcept {
  return WallTime{quarter * quarter_length};
}

Periods periods_at(const TimeZone& zone, WallTime at) {
  Periods periods = periods_of(zone.day_of(at));
  periods[Window::five_hours] = quarter_of(at);
  return periods;
}

std::optional<WallTime> window_start(const TimeZone& zone, Window window, WallTime now) {
  if (window == Window::total) return std::nullopt;
  if (window == Window::five_hours) return start_of_quarter(quarter_of(now) - quarters_before);
  return zone.start(unit_of(window), now);
}

std::optional<WallTime> window_end(const TimeZone& zone, Window window, WallTime now) {
  if (window == Window::total) return std::nullopt;
  if (window == Window::five_hours) return start_of_quarter(quarter_of(now) + quarters_before + 1);
  return zone.next_start(unit_of(window), now);
}

const Periods& Calendar::at(WallTime now) {
  if (now < day_start_ || now >= day_end_) {
    day_start_ = zone_.start(CalendarUnit::day, now);
    day_end_ = zone_.next_start(CalendarUnit::day, now);
    today_ = periods_at(zone_, now);
  }
  today_[Window::five_hours] = quarter_of(now);
  return today_;
}

}  // namespace relay::core
