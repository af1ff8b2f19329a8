#include <gmock/gmock.h>

#include "exchange/exchange.h"
#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using core::Usage;
using testing::SizeIs;

// Between its steps it waits for those that came with it, and may be destroyed there.
TEST(Exchange, IsChargedOnceOrNotAtAllAtWhicheverStepItIsDestroyed) {
  constexpr int steps = 4;  // Before it is read, admitted, passed on, concluded.
  for (int taken = 0; taken <= steps; ++taken) {
    ExchangeWorld world;
    world.upstream_streams({start, delta, finish});
    world.cohort.expect_others(true);
    {
      Task<void> exchange = serve(world.context, world.client);
      exchange.start();
      for (int step = 0; step < taken; ++step) {
        ASSERT_TRUE(world.cohort.begin_step()) << taken;
        world.cohort.next().resume();
      }
      EXPECT_EQ(exchange.done(), taken == steps);
    }
    EXPECT_FALSE(world.cohort.begin_step()) << "it is still waited for";
    EXPECT_THAT(world.ledger.closed, SizeIs(taken < 2 ? 0 : 1)) << taken;
    EXPECT_EQ(world.ledger.open_count, taken < 2 ? 0 : 1);
    if (taken < steps - 1) continue;
    EXPECT_EQ(world.ledger.closed.front().usage, (Usage{.input = 25, .output = 15}));
    EXPECT_EQ(world.ledger.closed.front().delivery, Delivery::complete);
  }
}

}  // namespace
}  // namespace relay::exchange
