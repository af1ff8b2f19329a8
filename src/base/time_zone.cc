#include "base/time_zone.h"

#include <date/tz.h>

#include <stdexcept>

namespace relay {
namespace {

using namespace std::chrono;

constexpr bool is_utc(std::string_view name) noexcept {
  return name == "UTC" || name == "Etc/UTC";
}

}  // namespace

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  if (is_utc(name)) return TimeZone{name, nullptr};
  try {
    return TimeZone{name, date::locate_zone(name)};
  } catch (const std::runtime_error&) {  // No such zone, or no database.
    return std::nullopt;
  }
}

seconds TimeZone::offset(WallTime at) const {
  if (zone_ == nullptr) return seconds{0};
  return zone_->get_info(floor<seconds>(at)).offset;
}

sys_days TimeZone::day_of(WallTime at) const {
  const sys_days day = floor<days>(at + offset(at));
  const sys_days next = day + days{1};
  return start_of(next) <= at ? next : day;
}

WallTime TimeZone::start_of(sys_days day) const {
  if (zone_ == nullptr) return day;
  const date::local_days midnight{day.time_since_epoch()};
  const date::local_info info = zone_->get_info(midnight);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return sys_seconds{day} - info.first.offset;
}

WallTime TimeZone::start(CalendarUnit unit, WallTime at) const {
  return start_of(first_day(unit, day_of(at)));
}

WallTime TimeZone::next_start(CalendarUnit unit, WallTime at) const {
  return start_of(next_first_day(unit, day_of(at)));
}

sys_days first_day(CalendarUnit unit, sys_days day) noexcept {
  switch (unit) {
    case CalendarUnit::day: return day;
    case CalendarUnit::week: return day - (weekday{day} - Monday);
    case CalendarUnit::month: break;
  }
  const year_month_day date{day};
  return sys_days{date.year() / date.month() / 1};
}

sys_days next_first_day(CalendarUnit unit, sys_days day) noexcept {
  const sys_days first = first_day(unit, day);
  switch (unit) {
    case CalendarUnit::day: return first + days{1};
    case CalendarUnit::week: return first + days{7};
    case CalendarUnit::month: break;
  }
  return sys_days{year_month_day{first} + months{1}};
}

}  // namespace relay
