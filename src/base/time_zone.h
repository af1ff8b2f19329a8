#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace date {
class time_zone;
}

namespace relay {

// Weeks begin on Monday (ISO 8601).
enum class CalendarUnit : std::uint8_t { day, week, month };

// A time zone of the IANA database (tzdata), by whose calendar days, weeks and months are cut.
//
// A day begins at its first instant: where clocks go forward over midnight, when they do; where
// they go back over it, at the first of the two. Days follow each other without gap or overlap,
// even where a clock is set back from one day into the one before: that hour stays with the later
// day.
//
// A value, immutable and cheap to copy. Thread-safe; does not allocate but in find().
class TimeZone {
 public:
  TimeZone() = default;  // UTC.

  // By its name, "Asia/Shanghai". None: this system knows no such zone.
  static std::optional<TimeZone> find(std::string_view name);

  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  // East of UTC.
  [[nodiscard]] std::chrono::seconds offset(WallTime at) const;

  // The day that this instant belongs to, and when a day begins.
  [[nodiscard]] std::chrono::sys_days day_of(WallTime at) const;  // A date: its time is no instant.
  [[nodiscard]] WallTime start_of(std::chrono::sys_days day) const;

  // When the period that holds this instant began, and when the next one begins.
  [[nodiscard]] WallTime start(CalendarUnit unit, WallTime at) const;
  [[nodiscard]] WallTime next_start(CalendarUnit unit, WallTime at) const;

 private:
  TimeZone(std::string_view name, const date::time_zone* zone) : name_{name}, zone_{zone} {}

  std::string name_ = "UTC";
  const date::time_zone* zone_ = nullptr;  // Null: UTC, which needs no database.
};

// The first day of the period that holds `day`, and of the next one.
std::chrono::sys_days first_day(CalendarUnit unit, std::chrono::sys_days day) noexcept;
std::chrono::sys_days next_first_day(CalendarUnit unit, std::chrono::sys_days day) noexcept;

}  // namespace relay
