// No exchange allocates in the steady state. See also net/allocation_test.cc, for its connections.
#include <gtest/gtest.h>

#include <optional>

#include "base/allocation_fixture.h"
#include "base/frame_pool.h"
#include "exchange/steady_fixture.h"

namespace relay::exchange {
namespace {

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

TEST_F(Allocations, AreNoneForAWholeAnswer) {
  exchange.ask(false);
  exchange.answer_whole();
  EXPECT_EQ(count(), 0u) << counted->places();
}

TEST_F(Allocations, AreNoneForAStream) {
  exchange.ask(true);
  exchange.answer_stream(10);
  EXPECT_EQ(count(), 0u) << counted->places();
}

TEST_F(Allocations, AreNoneForAThousandEvents) {
  exchange.ask(true);
  exchange.answer_stream(1'010);
  EXPECT_EQ(count(), 0u) << counted->places();
}

}  // namespace
}  // namespace relay::exchange
