#include "core/spending.h"

#include <gtest/gtest.h>

#include "base/rfc3339.h"

namespace relay::core {
namespace {

using namespace std::chrono_literals;

WallTime at(std::string_view text) {
  return parse_rfc3339(text).value();
}

struct SpendingTest : testing::Test {
  SpendingTest() { spending.begin(periods()); }
  Periods periods() const { return periods_at(zone, now); }
  std::optional<Window> take(std::int64_t amount) {
    Taken taken;
    const auto refused = spending.take(amount, limits, periods(), taken);
    if (!refused) last = taken;
    return refused;
  }
  WindowState state(Window window) const { return spending.state(window, periods()); }

  TimeZone zone;
  WallTime now = at("2026-11-25T12:00:00Z");
  Spending spending;
  SpendingLimits limits;
  Taken last;
};

TEST_F(SpendingTest, NamesTheWindowThatHasNotEnough) {
  for (const Window window : every_window) {
    limits = {};
    limits[window] = 99;
    EXPECT_EQ(take(100), window) << to_string(window);
    EXPECT_EQ(take(99), std::nullopt) << to_string(window);
    spending.settle(last, 0);
  }
}

TEST_F(SpendingTest, TakesNothingWhereOneWindowHasNotEnough) {
  for (const Window window : every_window) limits[window] = 1'000;
  limits[Window::month] = 99;
  EXPECT_EQ(take(100), Window::month);
  for (const Window window : every_window) EXPECT_EQ(state(window), WindowState{});
}

TEST_F(SpendingTest, CorrectsTheWindowsThatHoldWhatIsCorrected) {
  const auto charge = [this](std::int64_t amount) {
    ASSERT_EQ(take(0), std::nullopt);
    spending.settle(last, amount);
  };
  charge(100);
  const Periods first = periods();
  now += 24h;
  charge(1'000);
  spending.correct(first, periods(), 20);
  spending.correct(periods(), periods(), -300);
  EXPECT_EQ(state(Window::total), (WindowState{.used = 820}));
  EXPECT_EQ(state(Window::month), (WindowState{.used = 820}));
  EXPECT_EQ(state(Window::week), (WindowState{.used = 820}));
  EXPECT_EQ(state(Window::day), (WindowState{.used = 700}));
  EXPECT_EQ(state(Window::five_hours), (WindowState{.used = 700}));
}

TEST_F(SpendingTest, LeavesWindowsAloneThatCameLongAfterWhatIsCorrected) {
  const Periods first = periods();
  now += 24h * 800;
  ASSERT_EQ(take(0), std::nullopt);
  spending.settle(last, 1'000);
  spending.correct(first, periods(), 20);
  EXPECT_EQ(state(Window::total).used, 1'020);
  for (const Window window : {Window::five_hours, Window::day, Window::week, Window::month}) {
    EXPECT_EQ(state(window).used, 1'000) << to_string(window);
  }
}

// What was counted that long ago looks as if it were still to come, by the few bits that are kept
// of a period's number.
TEST_F(SpendingTest, CorrectsTheLastFiveHoursAfterAYearWithoutUse) {
  now += 24h * 342;
  spending.correct(periods(), periods(), 20);
  for (const Window window : every_window) EXPECT_EQ(state(window).used, 20) << to_string(window);
}

TEST_F(SpendingTest, ShowsWhatIsUsedAndWhatIsHeld) {
  for (const Window window : every_window) limits[window] = 1'000;
  ASSERT_EQ(take(300), std::nullopt);
  const Taken first = last;
  ASSERT_EQ(take(200), std::nullopt);
  for (const Window window : every_window) {
    EXPECT_EQ(state(window), (WindowState{.used = 0, .held = 500})) << to_string(window);
  }
  spending.settle(first, 120);
  for (const Window window : every_window) {
    EXPECT_EQ(state(window), (WindowState{.used = 120, .held = 200})) << to_string(window);
  }
}

TEST_F(SpendingTest, ChargesMoreThanWasHeldWhereMoreWasUsed) {
  limits[Window::day] = 100;
  ASSERT_EQ(take(50), std::nullopt);
  spending.settle(last, 180);
  EXPECT_EQ(state(Window::day).used, 180);
  EXPECT_EQ(state(Window::total).used, 180);
  EXPECT_EQ(take(1), Window::day);
}

TEST_F(SpendingTest, CountsInWindowsThatAreNotLimitedYet) {
  ASSERT_EQ(take(10), std::nullopt);
  spending.settle(last, 70);
  for (const Window window : every_window) {
    limits = {};
    limits[window] = 100;
    EXPECT_EQ(state(window).used, 70) << to_string(window);
    EXPECT_EQ(take(31), window) << to_string(window);
    EXPECT_EQ(take(30), std::nullopt) << to_string(window);
    spending.settle(last, 0);
  }
}

TEST_F(SpendingTest, ChargesTheDayOnWhichAnExchangeBegan) {
  limits[Window::day] = 100;
  now = at("2026-11-25T23:59:59Z");
  ASSERT_EQ(take(100), std::nullopt);
  const Taken overnight = last;
  now = at("2026-11-26T00:00:00Z");
  EXPECT_EQ(take(100), std::nullopt) << "what is held is yesterday's";
  spending.settle(last, 60);
  spending.settle(overnight, 90);
  EXPECT_EQ(state(Window::day).used, 60);
  EXPECT_EQ(state(Window::total).used, 150);
  EXPECT_EQ(state(Window::week).used, 150);
}

// The model test found it: a stream may run for longer than the window.
TEST_F(SpendingTest, ShowsNoHoldThatHasLeftTheLastFiveHours) {
  limits[Window::five_hours] = 1'000;
  ASSERT_EQ(take(400), std::nullopt);
  const Taken overlong = last;
  now += 6h;
  ASSERT_EQ(take(100), std::nullopt);
  spending.settle(last, 80);
  EXPECT_EQ(state(Window::five_hours), (WindowState{.used = 80, .held = 0}));
  spending.settle(overlong, 300);
  EXPECT_EQ(state(Window::five_hours), (WindowState{.used = 80, .held = 0}));
}

// As a stream that lasts for days does, or one during which the clock was set.
TEST_F(SpendingTest, TakesNoOldExchangeForALaterOne) {
  limits[Window::five_hours] = 1'000;
  ASSERT_EQ(take(400), std::nullopt);
  const Taken old = last;
  now += 21 * 15min * 16;  // The same place of the ring.
  ASSERT_EQ(take(100), std::nullopt);
  spending.settle(last, 80);
  spending.settle(old, 300);
  EXPECT_EQ(state(Window::five_hours), (WindowState{.used = 80, .held = 0}));
}

TEST_F(SpendingTest, BeginsAnewWithEveryPeriod) {
  limits[Window::week] = 100;
  ASSERT_EQ(take(100), std::nullopt);
  spending.settle(last, 100);
  now = at("2026-11-29T23:59:59Z");
  EXPECT_EQ(take(1), Window::week);
  now = at("2026-11-30T00:00:00Z");
  EXPECT_EQ(take(100), std::nullopt);
}

TEST_F(SpendingTest, RefusesNothingThatIsFree) {
  for (const Window window : every_window) limits[window] = 0;
  EXPECT_EQ(take(0), std::nullopt);
  EXPECT_EQ(take(1), Window::total);
}

TEST_F(SpendingTest, StartsWhereTheLedgerStands) {
  spending.load(Window::total, periods(), 500);
  spending.load(Window::month, periods(), 400);
  spending.load(Window::week, periods(), 300);
  spending.load(Window::day, periods(), 200);
  spending.load_quarter(quarter_of(now), 40);
  spending.load_quarter(quarter_of(now - 1h), 60);
  EXPECT_EQ(state(Window::total).used, 500);
  EXPECT_EQ(state(Window::month).used, 400);
  EXPECT_EQ(state(Window::week).used, 300);
  EXPECT_EQ(state(Window::day).used, 200);
  EXPECT_EQ(state(Window::five_hours).used, 100);
  now += 4h;
  now += 15min;
  EXPECT_EQ(state(Window::five_hours).used, 40);
}

}  // namespace
}  // namespace relay::core
