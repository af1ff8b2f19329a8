#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "admin/parameters.h"
#include "base/clock.h"
#include "base/time_zone.h"

namespace relay::admin {

// What a report is about: from `from`, inclusive, to `to`, exclusive.
struct Period {
  WallTime from;
  WallTime to;
};

// How a report is cut.
enum class Cut : std::uint8_t { none, hour, day, month };
std::string_view to_string(Cut cut) noexcept;
std::optional<Cut> parse_cut(std::string_view word) noexcept;

// The parameter tz, or else what is configured.
TimeZone read_zone(Parameters& asked, const TimeZone& configured);

// Refuses the parameter from of a period that ends before it begins.
void check_order(Parameters& asked, const Period& period);

// The parameters from and to, each an instant or a date in the zone; the date of `to` is still
// inside. Absent: the last `days_default` days, today among them. Widened to quarters of an hour,
// which is how finely sums are kept.
Period read_period(Parameters& asked, const TimeZone& zone, WallTime now, int days_default);

// The same where an absent end is none at all, and nothing is widened.
struct OpenPeriod {
  std::optional<WallTime> from;
  std::optional<WallTime> to;
};
OpenPeriod read_open_period(Parameters& asked, const TimeZone& zone);

// The hours, days or months of a period in a zone, in order; the first and the last may be cut
// short. invalid_request: more than limits::usage_buckets_max.
Result<std::vector<Period>> slices(const Period& period, Cut cut, const TimeZone& zone);

}  // namespace relay::admin
