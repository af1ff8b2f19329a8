#include "net/idle_bodies.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace relay::net {
namespace {

constexpr std::size_t least = limits::idle_body_bytes_min;

BodyMemory memory(std::size_t bytes) {
  BodyMemory made{.size = bytes};
  made.bytes.reset(static_cast<char*>(std::malloc(bytes)));
  return made;
}

TEST(IdleBodies, GivesBackWhatFitsBest) {
  IdleBodies idle;
  for (const std::size_t size : {3 * least, 2 * least, 4 * least}) idle.put_back(memory(size));
  EXPECT_EQ(idle.take(2 * least - 1).size, 2 * least);
  EXPECT_EQ(idle.take(2 * least - 1).size, 3 * least);
  EXPECT_EQ(idle.bytes(), 4 * least);
}

TEST(IdleBodies, GivesNothingThatIsTooSmallOrMuchTooLarge) {
  IdleBodies idle;
  idle.put_back(memory(4 * least));
  EXPECT_EQ(idle.take(4 * least + 1).size, 0U);
  EXPECT_EQ(idle.take(2 * least).size, 0U);
  EXPECT_EQ(idle.take(2 * least + 1).size, 4 * least);
}

TEST(IdleBodies, DoesNotKeepWhatIsSmallOrLargerThanAllItMayKeep) {
  IdleBodies idle;
  idle.put_back(memory(least - 1));
  idle.put_back(memory(limits::idle_bodies_bytes_max + 1));
  EXPECT_EQ(idle.bytes(), 0U);
}

TEST(IdleBodies, ForgetsTheOldestWhenThereIsTooMuch) {
  IdleBodies idle;
  idle.put_back(memory(3 * least));
  while (idle.bytes() + 2 * least <= limits::idle_bodies_bytes_max) {
    idle.put_back(memory(2 * least));
  }
  idle.put_back(memory(2 * least));
  EXPECT_LE(idle.bytes(), limits::idle_bodies_bytes_max);
  EXPECT_EQ(idle.take(3 * least).size, 0U);
  EXPECT_EQ(idle.take(2 * least).size, 2 * least);
}

}  // namespace
}  // namespace relay::net
