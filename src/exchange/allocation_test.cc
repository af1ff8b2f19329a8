// No exchange allocates in the steady state: that is where we are going. Until then these bounds
// fall, and never rise.
#include <gtest/gtest.h>

#include <optional>

#include "base/allocation_fixture.h"
#include "base/frame_pool.h"
#include "exchange/steady_fixture.h"

namespace relay::exchange {
namespace {

constexpr std::size_t of_whole_answer_max = 0;
constexpr std::size_t of_stream_max = 0;
constexpr std::size_t of_thousand_events_max = 0;

struct Allocations : testing::Test {
  SteadyExchange exchange;
  std::optional<AllocationCount> counted;

  void SetUp() override {
    if (!detail::keeps_frames) GTEST_SKIP() << "a sanitizer wants to see every coroutine frame";
  }

  // Of one exchange, once all that is kept for the next one is there.
  std::size_t count() {
    for (int i = 0; i < 20; ++i) exchange.run();
    counted.emplace();
    exchange.run();
    counted->stop();
    return counted->count();
  }
};

TEST_F(Allocations, OfAWholeAnswerAreFew) {
  exchange.ask(false);
  exchange.answer_whole();
  EXPECT_LE(count(), of_whole_answer_max) << counted->places();
}

TEST_F(Allocations, OfAStreamAreFew) {
  exchange.ask(true);
  exchange.answer_stream(10);
  EXPECT_LE(count(), of_stream_max) << counted->places();
}

TEST_F(Allocations, HardlyGrowWithTheEventsOfAStream) {
  exchange.ask(true);
  exchange.answer_stream(10);
  const std::size_t of_few = count();
  exchange.answer_stream(1'010);
  EXPECT_LE(count(), of_few + of_thousand_events_max) << counted->places();
}

}  // namespace
}  // namespace relay::exchange
