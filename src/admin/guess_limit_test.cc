#include "admin/guess_limit.h"

#include <gtest/gtest.h>

namespace relay::admin {
namespace {

using namespace std::chrono_literals;

struct GuessLimitTest : testing::Test {
  ManualClock clock;
  GuessLimit limit;

  static Address address(int number) {
    Address made;
    made.bytes[1] = 0x20;
    made.bytes[6] = static_cast<std::uint8_t>(number / 256);
    made.bytes[7] = static_cast<std::uint8_t>(number % 256);
    return made;
  }
  // Whether the guess was looked at.
  bool guess(const Address& peer) {
    if (limit.wait(peer, clock.now()) > 0s) return false;
    limit.note_wrong(peer, clock.now());
    return true;
  }
  // How many of a thousand guesses in a minute were looked at.
  int guesses_in_a_minute(int addresses) {
    int looked_at = 0;
    for (int i = 0; i < 1'000; ++i) {
      looked_at += guess(address(i % addresses)) ? 1 : 0;
      clock.advance(60ms);
    }
    return looked_at;
  }
};

TEST_F(GuessLimitTest, LooksAtFewGuessesFromOneAddress) {
  EXPECT_LE(guesses_in_a_minute(1), 20);
}

TEST_F(GuessLimitTest, LooksAtFewGuessesFromAThousandAddresses) {
  EXPECT_LE(guesses_in_a_minute(1'000), 20);
}

TEST_F(GuessLimitTest, LetsAnotherAddressInWhileOneGuesses) {
  for (int second = 0; second < 600; ++second) {
    guess(address(1));
    ASSERT_EQ(limit.wait(address(2), clock.now()), 0s) << second;
    clock.advance(1s);
  }
}

TEST_F(GuessLimitTest, LetsInWhoWasInBeforeWhileThousandsGuess) {
  limit.note_right(address(5'000));
  guesses_in_a_minute(1'000);
  EXPECT_EQ(limit.wait(address(5'000), clock.now()), 0s);
}

TEST_F(GuessLimitTest, TakesTheAddressesOfOneNetworkForOne) {
  Address first = address(1);
  Address second = address(1);
  second.bytes[15] = 9;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(guess(first));
  EXPECT_FALSE(guess(second));
}

TEST_F(GuessLimitTest, LetsNobodyWaitLongerThanAMinute) {
  for (int i = 0; i < 100; ++i) {
    guess(address(1));
    ASSERT_LE(limit.wait(address(1), clock.now()), 60s);
    clock.advance(61s);
  }
  guess(address(1));
  limit.note_right(address(1));
  EXPECT_EQ(limit.wait(address(1), clock.now()), 0s);
}

}  // namespace
}  // namespace relay::admin
