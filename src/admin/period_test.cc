#include "admin/period.h"

#include <gtest/gtest.h>

#include "base/rfc3339.h"

namespace relay::admin {
namespace {

WallTime at(std::string_view text) {
  return parse_rfc3339(text).value();
}
TimeZone zone(std::string_view name) {
  return TimeZone::find(name).value();
}
std::string period(const std::string& query, std::string_view zone_name, int days = 30) {
  Parameters asked{query};
  const Period read = read_period(asked, zone(zone_name), at("2026-11-23T20:00:00Z"), days);
  if (!asked.finish()) return "refused";
  return to_rfc3339(read.from) + " " + to_rfc3339(read.to);
}
std::string cut(const Period& whole, Cut by, std::string_view zone_name) {
  std::string all;
  const std::vector<Period> parts = slices(whole, by, zone(zone_name)).value();
  for (const Period& slice : parts) {
    all += to_rfc3339(slice.from).substr(0, 16) + " ";
  }
  return all;
}

TEST(Period, TakesDatesOfTheZoneAndTheLastOneWhole) {
  EXPECT_EQ(period("from=2026-11-01&to=2026-11-02", "Asia/Shanghai"),
            "2026-10-31T16:00:00.000Z 2026-11-02T16:00:00.000Z");
}

TEST(Period, IsTheLastDaysIfNothingIsSaid) {
  EXPECT_EQ(period("", "UTC", 2), "2026-11-22T00:00:00.000Z 2026-11-24T00:00:00.000Z");
  EXPECT_EQ(period("", "Asia/Shanghai", 1), "2026-11-23T16:00:00.000Z 2026-11-24T16:00:00.000Z");
}

TEST(Period, IsWidenedToQuartersOfAnHour) {
  EXPECT_EQ(period("from=2026-11-01T10:14:59Z&to=2026-11-01T10:15:01Z", "UTC"),
            "2026-11-01T10:00:00.000Z 2026-11-01T10:30:00.000Z");
}

TEST(Period, RefusesWhatIsNoTimeAndWhatEndsBeforeItBegins) {
  for (const char* const query :
       {"from=yesterday", "to=2026-02-30", "from=2026-11-02&to=2026-11-01",
        "from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z", "from=", "to=", "from=2027-01-01"}) {
    EXPECT_EQ(period(query, "UTC"), "refused") << query;
  }
}

TEST(Period, IsOpenWhereAnEndIsNotSaid) {
  const auto is_taken = [](const char* query) {
    Parameters asked{query};
    read_open_period(asked, {});
    return asked.finish().has_value();
  };
  EXPECT_TRUE(is_taken("from=2026-11-01"));
  EXPECT_TRUE(is_taken("from=2026-11-01&to=2026-11-01"));
  EXPECT_FALSE(is_taken("from=2026-11-02&to=2026-11-01"));
  EXPECT_FALSE(is_taken("from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z"));
  EXPECT_FALSE(is_taken("from=2026-11-01&to="));
  EXPECT_FALSE(is_taken("from="));
}

TEST(Period, IsCutByTheCalendarOfTheZone) {
  const Period november = {at("2026-10-31T16:00:00Z"), at("2026-11-03T16:00:00Z")};
  EXPECT_EQ(cut(november, Cut::day, "Asia/Shanghai"),
            "2026-10-31T16:00 2026-11-01T16:00 2026-11-02T16:00 ");
  const Period months = {at("2026-01-15T00:00:00Z"), at("2026-03-02T00:00:00Z")};
  EXPECT_EQ(cut(months, Cut::month, "UTC"), "2026-01-15T00:00 2026-02-01T00:00 2026-03-01T00:00 ");
  const Period hours = {at("2026-11-01T00:00:00Z"), at("2026-11-01T02:00:00Z")};
  EXPECT_EQ(cut(hours, Cut::hour, "Asia/Kolkata"),
            "2026-11-01T00:00 2026-11-01T00:30 2026-11-01T01:30 ");
  EXPECT_EQ(cut(hours, Cut::none, "UTC"), "2026-11-01T00:00 ");
}

// A day of 23 hours, and one of 25.
TEST(Period, FollowsClocksThatAreSet) {
  const Period spring = {at("2026-03-28T23:00:00Z"), at("2026-03-30T22:00:00Z")};
  EXPECT_EQ(cut(spring, Cut::day, "Europe/Berlin"), "2026-03-28T23:00 2026-03-29T22:00 ");
  const Period autumn = {at("2026-10-24T22:00:00Z"), at("2026-10-26T23:00:00Z")};
  EXPECT_EQ(cut(autumn, Cut::day, "Europe/Berlin"), "2026-10-24T22:00 2026-10-25T23:00 ");
}

TEST(Period, HasSoManySlicesAndNoMore) {
  const Period years = {at("2020-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z")};
  EXPECT_FALSE(slices(years, Cut::day, {}));
  EXPECT_TRUE(slices(years, Cut::month, {}));
}

}  // namespace
}  // namespace relay::admin
