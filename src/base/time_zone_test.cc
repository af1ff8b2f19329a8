#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <array>

#include "base/rfc3339.h"

namespace relay {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

TimeZone zone(std::string_view name) {
  return TimeZone::find(name).value();
}
WallTime at(std::string_view text) {
  return parse_rfc3339(text).value();
}
std::string day(std::string_view zone_name, std::string_view instant) {
  const TimeZone in = zone(zone_name);
  return to_rfc3339(in.start(CalendarUnit::day, at(instant))) + " " +
         to_rfc3339(in.next_start(CalendarUnit::day, at(instant)));
}

TEST(TimeZone, IsUtcUnlessToldOtherwise) {
  const TimeZone utc;
  EXPECT_EQ(utc.name(), "UTC");
  EXPECT_EQ(utc.offset(at("2026-07-01T12:00:00Z")), 0s);
  EXPECT_EQ(utc.start(CalendarUnit::day, at("2026-07-01T12:00:00Z")), at("2026-07-01T00:00:00Z"));
  EXPECT_EQ(zone("UTC").start_of(sys_days{2026y / 7 / 1}), at("2026-07-01T00:00:00Z"));
}

TEST(TimeZone, IsFoundByItsNameOnly) {
  EXPECT_EQ(zone("Asia/Shanghai").name(), "Asia/Shanghai");
  for (const std::string_view name :
       {"", "Asia/Nowhere", "asia/shanghai", "../../etc/passwd", "Asia/Shanghai ", "zone.tab"}) {
    EXPECT_FALSE(TimeZone::find(name)) << name;
  }
}

TEST(TimeZone, KnowsHowFarEastItIs) {
  EXPECT_EQ(zone("Asia/Shanghai").offset(at("2026-07-01T12:00:00Z")), 8h);
  EXPECT_EQ(zone("Asia/Kathmandu").offset(at("2026-07-01T12:00:00Z")), 5h + 45min);
  EXPECT_EQ(zone("America/New_York").offset(at("2026-07-01T12:00:00Z")), -4h);
  EXPECT_EQ(zone("America/New_York").offset(at("2026-12-01T12:00:00Z")), -5h);
}

TEST(TimeZone, CutsDaysAtItsOwnMidnight) {
  EXPECT_EQ(day("Asia/Shanghai", "2026-11-22T16:00:00Z"),
            "2026-11-22T16:00:00.000Z 2026-11-23T16:00:00.000Z");
  EXPECT_EQ(day("Asia/Shanghai", "2026-11-22T15:59:59.999Z"),
            "2026-11-21T16:00:00.000Z 2026-11-22T16:00:00.000Z");
  EXPECT_EQ(zone("Asia/Shanghai").day_of(at("2026-11-22T16:00:00Z")), sys_days{2026y / 11 / 23});
}

TEST(TimeZone, HasShortAndLongDaysWhereClocksAreChanged) {
  EXPECT_EQ(day("Europe/Berlin", "2026-03-29T12:00:00Z"),
            "2026-03-28T23:00:00.000Z 2026-03-29T22:00:00.000Z");
  EXPECT_EQ(day("Europe/Berlin", "2026-10-25T12:00:00Z"),
            "2026-10-24T22:00:00.000Z 2026-10-25T23:00:00.000Z");
}

TEST(TimeZone, BeginsADayWithoutMidnightAtItsFirstInstant) {
  // Cairo: clocks go from 23:59:59 to 01:00.
  EXPECT_EQ(day("Africa/Cairo", "2026-04-24T12:00:00Z"),
            "2026-04-23T22:00:00.000Z 2026-04-24T21:00:00.000Z");
}

TEST(TimeZone, BeginsADayWithTwoMidnightsAtTheFirst) {
  // Havana: clocks go from 01:00 to 00:00.
  EXPECT_EQ(day("America/Havana", "2026-11-01T12:00:00Z"),
            "2026-11-01T04:00:00.000Z 2026-11-02T05:00:00.000Z");
}

TEST(TimeZone, KeepsADayThatHasBegunWhenClocksGoBackBehindIt) {
  // Newfoundland, until 2011: clocks went from 00:01 to 23:01 of the day before.
  const TimeZone in = zone("America/St_Johns");
  const WallTime midnight = at("2010-11-07T02:30:00Z");
  EXPECT_EQ(in.day_of(midnight - 1ms), sys_days{2010y / 11 / 6});
  for (const auto later : {0s, 30s, 61s, 1800s, 3700s}) {
    EXPECT_EQ(in.day_of(midnight + later), sys_days{2010y / 11 / 7}) << later.count();
    EXPECT_EQ(in.start(CalendarUnit::day, midnight + later), midnight);
  }
}

TEST(TimeZone, SkipsADayThatWasLeftOut) {
  // Samoa went over the date line: there was no 30 December 2011.
  const TimeZone in = zone("Pacific/Apia");
  const WallTime border = at("2011-12-30T10:00:00Z");
  EXPECT_EQ(in.day_of(border - 1ms), sys_days{2011y / 12 / 29});
  EXPECT_EQ(in.day_of(border), sys_days{2011y / 12 / 31});
  EXPECT_EQ(in.next_start(CalendarUnit::day, border - 1ms), border);
}

TEST(TimeZone, BeginsWeeksOnMondayAndMonthsOnTheFirst) {
  const TimeZone in = zone("Asia/Shanghai");
  const WallTime sunday_night = at("2026-03-01T15:59:59Z");
  EXPECT_EQ(in.start(CalendarUnit::week, sunday_night), at("2026-02-22T16:00:00Z"));
  EXPECT_EQ(in.next_start(CalendarUnit::week, sunday_night), at("2026-03-01T16:00:00Z"));
  EXPECT_EQ(in.start(CalendarUnit::month, sunday_night), at("2026-02-28T16:00:00Z"));
  EXPECT_EQ(in.next_start(CalendarUnit::month, sunday_night), at("2026-03-31T16:00:00Z"));
}

TEST(TimeZone, CutsTimeWithoutGapOrOverlap) {
  constexpr std::array names = {"UTC",
                                "Asia/Shanghai",
                                "Europe/Berlin",
                                "America/New_York",
                                "America/Sao_Paulo",
                                "America/Havana",
                                "America/St_Johns",
                                "Africa/Cairo",
                                "Africa/Casablanca",
                                "Asia/Beirut",
                                "Asia/Tehran",
                                "Australia/Lord_Howe",
                                "Pacific/Apia",
                                "Antarctica/Casey"};
  for (const std::string_view name : names) {
    const TimeZone in = zone(name);
    for (const CalendarUnit unit : {CalendarUnit::day, CalendarUnit::week, CalendarUnit::month}) {
      WallTime start = in.start(unit, at("2009-12-25T12:00:00Z"));
      while (start < at("2028-01-01T00:00:00Z")) {
        const WallTime next = in.next_start(unit, start);
        ASSERT_GT(next, start) << name << " " << to_rfc3339(start);
        for (const WallTime inside : {start, start + 30min, start + (next - start) / 2,
                                      next - 90min, next - 30s, next - 1ms}) {
          ASSERT_EQ(in.start(unit, inside), start) << name << " " << to_rfc3339(inside);
          ASSERT_EQ(in.next_start(unit, inside), next) << name << " " << to_rfc3339(inside);
        }
        start = next;
      }
    }
  }
}

}  // namespace
}  // namespace relay
