#include "net/date_line.h"

#include <gtest/gtest.h>

namespace relay::net {
namespace {

using std::chrono_literals::operator""ms;

TEST(DateLine, IsRenderedAsHttpWantsIt) {
  ManualClock clock;
  clock.set_wall(WallTime{784111777'000ms});  // The example of RFC 9110 section 5.6.7.
  DateLine date{clock};
  EXPECT_EQ(date.at(clock.now()), "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}

TEST(DateLine, ChangesWithTheSecond) {
  ManualClock clock;
  clock.set_wall(WallTime{784111777'250ms});
  DateLine date{clock};
  const std::string first{date.at(clock.now())};
  clock.advance(749ms);
  EXPECT_EQ(date.at(clock.now()), first);
  clock.advance(1ms);
  EXPECT_EQ(date.at(clock.now()), "date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}

}  // namespace
}  // namespace relay::net
