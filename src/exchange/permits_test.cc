#include "exchange/permits.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace relay::exchange {
namespace {

TEST(Permits, AreSoManyAndComeBack) {
  Permits permits{2};
  {
    const auto first = permits.take(), second = permits.take();
    EXPECT_TRUE(first && second);
    EXPECT_EQ(permits.take().error().code, ErrorCode::overloaded);
    EXPECT_EQ(permits.taken(), 2u);
  }
  EXPECT_EQ(permits.taken(), 0u);
  EXPECT_TRUE(permits.take());
}

TEST(Permits, GoWithTheirOwner) {
  Permits permits{1};
  std::optional<Permits::Permit> kept;
  {
    auto taken = permits.take();
    kept.emplace(std::move(*taken));
  }
  EXPECT_EQ(permits.taken(), 1u);
  kept.reset();
  EXPECT_EQ(permits.taken(), 0u);
}

TEST(Permits, AreNeverMoreOnManyThreads) {
  Permits permits{3};
  std::atomic<int> holders = 0;
  std::atomic<bool> were_too_many = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 2'000; ++round) {
          const auto permit = permits.take();
          if (!permit) continue;
          if (++holders > 3) were_too_many = true;
          --holders;
        }
      });
    }
  }
  EXPECT_FALSE(were_too_many);
  EXPECT_EQ(permits.taken(), 0u);
}

}  // namespace
}  // namespace relay::exchange
