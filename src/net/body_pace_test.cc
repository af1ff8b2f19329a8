#include "net/body_pace.h"

#include <gtest/gtest.h>

namespace relay::net {
namespace {

using std::chrono_literals::operator""s;

TEST(BodyPace, GrantsItsGraceOnce) {
  BodyPace pace{10s, 1024};
  pace.spend(4s);
  EXPECT_EQ(pace.left(), 6s);
  pace.spend(7s);
  EXPECT_EQ(pace.left(), 0s);
}

TEST(BodyPace, EarnsASecondForEverySecondsWorthOfBytes) {
  BodyPace pace{10s, 1024};
  pace.spend(10s);
  pace.earn(2048);
  EXPECT_EQ(pace.left(), 2s);
}

TEST(BodyPace, DoesNotLetMuchAtFirstPayForALongSilence) {
  BodyPace pace{10s, 1024};
  pace.earn(32 * limits::mib);
  EXPECT_EQ(pace.left(), limits::body_stall_max);
}

}  // namespace
}  // namespace relay::net
