#include "core/periods.h"

#include <gtest/gtest.h>

#include "base/rfc3339.h"

namespace relay::core {
namespace {

using namespace std::chrono_literals;

WallTime at(std::string_view text) {
  return parse_rfc3339(text).value();
}

TEST(Periods, AreThoseOfTheZone) {
  const TimeZone zone = TimeZone::find("Asia/Shanghai").value();
  const Periods before = periods_at(zone, at("2026-11-30T15:59:59.999Z"));
  const Periods after = periods_at(zone, at("2026-11-30T16:00:00Z"));
  EXPECT_EQ(after[Window::day], before[Window::day] + 1);
  EXPECT_EQ(after[Window::month], before[Window::month] + 1);
  EXPECT_EQ(after[Window::week], before[Window::week]) << "1 December 2026 is a Tuesday";
  EXPECT_EQ(after[Window::five_hours], before[Window::five_hours] + 1);
}

TEST(Periods, CountWeeksFromMonday) {
  const TimeZone utc;
  const Periods sunday = periods_at(utc, at("2026-11-29T23:59:59Z"));
  const Periods monday = periods_at(utc, at("2026-11-30T00:00:00Z"));
  EXPECT_EQ(monday[Window::week], sunday[Window::week] + 1);
}

TEST(Periods, FollowEachOtherOverNewYear) {
  const TimeZone utc;
  EXPECT_EQ(periods_at(utc, at("2027-01-01T00:00:00Z"))[Window::month],
            periods_at(utc, at("2026-12-31T23:59:59Z"))[Window::month] + 1);
}

TEST(Windows, BeginAndEnd) {
  const TimeZone zone = TimeZone::find("Asia/Shanghai").value();
  const WallTime now = at("2026-11-23T02:07:30Z");
  EXPECT_EQ(window_start(zone, Window::total, now), std::nullopt);
  EXPECT_EQ(window_start(zone, Window::day, now), at("2026-11-22T16:00:00Z"));
  EXPECT_EQ(window_start(zone, Window::five_hours, now), at("2026-11-22T21:00:00Z"));
  EXPECT_EQ(window_end(zone, Window::five_hours, now), at("2026-11-23T07:15:00Z"));
  EXPECT_EQ(window_end(zone, Window::week, now), at("2026-11-29T16:00:00Z"));
  EXPECT_EQ(window_end(zone, Window::month, now), at("2026-11-30T16:00:00Z"));
}

TEST(Calendar, AgreesWithTheZoneOverDaysOfAnyLengthAndBackwards) {
  const TimeZone zone = TimeZone::find("Europe/Berlin").value();
  Calendar calendar{zone};
  for (WallTime now = at("2026-03-27T00:00:00Z"); now < at("2026-04-03T00:00:00Z"); now += 17min) {
    ASSERT_EQ(calendar.at(now), periods_at(zone, now)) << to_rfc3339(now);
  }
  for (WallTime now = at("2026-11-03T00:00:00Z"); now > at("2026-10-20T00:00:00Z"); now -= 17min) {
    ASSERT_EQ(calendar.at(now), periods_at(zone, now)) << to_rfc3339(now);
  }
}

}  // namespace
}  // namespace relay::core
