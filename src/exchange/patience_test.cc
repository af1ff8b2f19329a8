#include "exchange/patience.h"

#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using Pulse = Patience::Pulse;

struct PatienceTest : testing::Test {
  ManualClock clock;
  ManualSleeper sleeper{clock};
  Settings settings;
  Patience patience{settings, sleeper};
  const Result<http::Chunk> piece = http::Chunk{.bytes = "x"};
  const Result<http::Chunk> nothing = std::unexpected(Error{.code = ErrorCode::upstream_timeout});
  const Result<http::Chunk> reset = std::unexpected(Error{.code = ErrorCode::upstream_unavailable});

  PatienceTest() { patience.begin(); }
  TimePoint from_now(TimePoint::duration passed) const { return clock.now() + passed; }
};

TEST_F(PatienceTest, EndsWithTheIdleTimeoutWhenNothingComes) {
  EXPECT_EQ(patience.deadline(Pulse::none), from_now(settings.stream_idle_timeout));
  clock.advance(settings.stream_idle_timeout - 1ms);
  EXPECT_TRUE(patience.goes_on(nothing));
  clock.advance(1ms);
  EXPECT_FALSE(patience.goes_on(nothing));
}

TEST_F(PatienceTest, BeginsAnewWithEachPiece) {
  clock.advance(settings.stream_idle_timeout - 1ms);
  EXPECT_FALSE(patience.goes_on(piece));
  EXPECT_EQ(patience.last_heard(), clock.now());
  EXPECT_EQ(patience.deadline(Pulse::none), from_now(settings.stream_idle_timeout));
}

TEST_F(PatienceTest, EndsWithTheAnswersOwnTimeoutHoweverMuchComes) {
  const TimePoint end = from_now(settings.stream_total_timeout);
  clock.advance(settings.stream_total_timeout - 1ms);
  EXPECT_FALSE(patience.goes_on(piece));
  EXPECT_EQ(patience.deadline(Pulse::none), end);
  clock.advance(1ms);
  EXPECT_FALSE(patience.goes_on(nothing));
}

TEST_F(PatienceTest, EndsWhereItIsTold) {
  patience.end_at(from_now(1s));
  EXPECT_EQ(patience.deadline(Pulse::ping), from_now(1s));
  clock.advance(1s);
  EXPECT_FALSE(patience.goes_on(nothing));
}

TEST_F(PatienceTest, DoesNotGoOnAfterAnotherError) {
  EXPECT_FALSE(patience.goes_on(reset));
}

TEST_F(PatienceTest, WakesForTheHeadSoon) {
  EXPECT_EQ(patience.deadline(Pulse::head), from_now(limits::first_bytes_wait_max));
}

TEST_F(PatienceTest, WakesForAPingAnIntervalAfterWhatTheClientHeardLast) {
  EXPECT_EQ(patience.deadline(Pulse::ping), from_now(settings.ping_interval));
  clock.advance(settings.ping_interval);
  EXPECT_TRUE(patience.goes_on(nothing));
  patience.note_pulse();
  EXPECT_EQ(patience.deadline(Pulse::ping), from_now(settings.ping_interval));
}

}  // namespace
}  // namespace relay::exchange
