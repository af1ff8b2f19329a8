#include "store/ledger_place.h"

#include <gmock/gmock.h>

#include "store/ledger_clues.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using std::chrono::milliseconds;

WallTime at(std::int64_t time) {
  return WallTime{milliseconds{time}};
}

TEST(LedgerPlace, HasRoomForAMillionInEachMillisecond) {
  for (const std::int64_t time : {-1'000'000'000'000LL, -1LL, 0LL, 1LL, 1'700'000'000'000LL}) {
    const Place first = first_place(at(time));
    EXPECT_EQ(end_of_millisecond(first), first_place(at(time + 1)));
    EXPECT_EQ(end_of_millisecond(first) - first, 1 << 20);
    EXPECT_EQ(begin_of_millisecond(first + 77), first);
    EXPECT_EQ(begin_of_millisecond(first - 1), first_place(at(time - 1)));
    EXPECT_EQ(first >> 20, time) << "as the column says";
  }
}

TEST(LedgerPlace, TakesTimesThatNoClockShows) {
  EXPECT_LT(first_place(WallTime::min()), first_place(at(-1)));
  EXPECT_GT(first_place(WallTime::max()), first_place(at(4'000'000'000'000)));
}

// Databases are full of them.
TEST(LedgerPlace, IsWhereItAlwaysWas) {
  EXPECT_EQ(clue_to(at(1'700'000'000'000), "req_123456"), 1'782'579'200'000'332'011);
  EXPECT_EQ(moment_of(first_place(at(1'700'000'000'000))), 1'700'000'000'000 / 128);
}

TEST(LedgerPlace, SharesAMomentForAnEighthOfASecond) {
  const Moment moment = moment_of(first_place(at(128)));
  EXPECT_EQ(moment, moment_of(first_place(at(256)) - 1));
  EXPECT_NE(moment, moment_of(first_place(at(256))));
  EXPECT_NE(moment, moment_of(first_place(at(128)) - 1));
  EXPECT_EQ(moment << 27, first_place(at(128))) << "as statements say it";
  EXPECT_LT(moment_of(first_place(at(-1))), moment_of(first_place(at(0))));
}

TEST(LedgerPlace, HasClassesOfCostThatAreATenthWideAndRise) {
  EXPECT_EQ(cost_class(-5), 0);
  EXPECT_EQ(cost_class(0), 100);
  EXPECT_EQ(cost_class(7), 107);
  EXPECT_EQ(cost_class(10), 210);
  EXPECT_EQ(cost_class(1'005'000'000), 1'010);
  EXPECT_EQ(cost_class(1'099'999'999), 1'010);
  std::int64_t before = -1;
  for (core::NanoUsd cost = -3; cost < 20'000; ++cost) {
    EXPECT_GE(cost_class(cost), before);
    before = cost_class(cost);
  }
}

TEST(LedgerClues, PointToTheMillisecondOfARequest) {
  std::vector<std::uint8_t> clues;
  for (std::int64_t i = 0; i < 1'000; ++i) append_clue(clues, at(i), "req_" + std::to_string(i));
  append_clue(clues, at(2'000), "");
  EXPECT_EQ(clues.size(), 8'000u);
  std::vector<Place> found;
  find_clues(clues, "req_777", found);
  EXPECT_THAT(found, testing::Contains(clue_to(at(777), "req_777")));
  EXPECT_LT(found.size(), 5u);
}

}  // namespace
}  // namespace relay::store
