#include "admin/period.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "admin/json_body.h"
#include "base/limits.h"
#include "base/rfc3339.h"

namespace relay::admin {
namespace {

using namespace std::chrono;

using Quarter = duration<std::int64_t, std::ratio<15 * 60>>;  // Of an hour.
constexpr std::array<std::string_view, 4> cut_words = {"none", "hour", "day", "month"};
constexpr std::string_view expected = "a time like 2027-01-31T00:00:00Z or a date like 2027-01-31";

// "2027-01-31"
std::optional<sys_days> parse_date(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  const std::optional<WallTime> midnight = parse_rfc3339(std::string{text} + "T00:00:00Z");
  if (!midnight) return std::nullopt;
  return floor<days>(*midnight);
}

// An instant, or a day in the zone: when it begins or, as the end of a period, when it is over.
std::optional<WallTime> parse_border(std::string_view text, const TimeZone& zone, bool is_end) {
  if (const std::optional<sys_days> day = parse_date(text)) {
    return zone.start_of(is_end ? *day + days{1} : *day);
  }
  return parse_rfc3339(text);
}

std::optional<WallTime> read_border(Parameters& asked, std::string_view name, const TimeZone& zone,
                                    bool is_end) {
  asked.refuse_empty(name, expected);
  return asked.word(name, expected,
                    [&](std::string_view text) { return parse_border(text, zone, is_end); });
}

WallTime next_hour(WallTime at, const TimeZone& zone) {
  const seconds offset = zone.offset(at);
  return floor<hours>(at + offset) + hours{1} - offset;
}

WallTime next_cut(WallTime at, Cut cut, const TimeZone& zone) {
  switch (cut) {
    case Cut::none: return WallTime::max();
    case Cut::hour: return next_hour(at, zone);
    case Cut::day: return zone.next_start(CalendarUnit::day, at);
    case Cut::month: return zone.next_start(CalendarUnit::month, at);
  }
  return WallTime::max();
}

}  // namespace

std::string_view to_string(Cut cut) noexcept {
  return cut_words[static_cast<std::size_t>(cut)];
}

std::optional<Cut> parse_cut(std::string_view word) noexcept {
  const auto found = std::ranges::find(cut_words, word);
  if (found == cut_words.end()) return std::nullopt;
  return static_cast<Cut>(found - cut_words.begin());
}

TimeZone read_zone(Parameters& asked, const TimeZone& configured) {
  return asked.word("tz", "the name of a time zone, such as Asia/Shanghai", TimeZone::find)
      .value_or(configured);
}

void check_order(Parameters& asked, const Period& period) {
  if (period.from >= period.to) asked.refuse("from", "before to");
}

Period read_period(Parameters& asked, const TimeZone& zone, WallTime now, int days_default) {
  const OpenPeriod given = read_open_period(asked, zone);
  const sys_days today = zone.day_of(now);
  const Period period{
      .from = given.from.value_or(zone.start_of(today - days{days_default - 1})),
      .to = given.to.value_or(zone.start_of(today + days{1})),
  };
  check_order(asked, period);
  return {floor<Quarter>(period.from), ceil<Quarter>(period.to)};
}

OpenPeriod read_open_period(Parameters& asked, const TimeZone& zone) {
  const OpenPeriod period{.from = read_border(asked, "from", zone, false),
                          .to = read_border(asked, "to", zone, true)};
  if (period.from && period.to) check_order(asked, {*period.from, *period.to});
  return period;
}

Result<std::vector<Period>> slices(const Period& period, Cut cut, const TimeZone& zone) {
  std::vector<Period> all;
  for (WallTime at = period.from; at < period.to;) {
    if (all.size() == limits::usage_buckets_max) {
      return std::unexpected(bad_request(
          "The report would have more than " + std::to_string(limits::usage_buckets_max) +
          " rows of time. Ask for a shorter period or for a coarser bucket."));
    }
    const WallTime next = std::min(next_cut(at, cut, zone), period.to);
    all.push_back({at, next});
    at = next;
  }
  return all;
}

}  // namespace relay::admin
