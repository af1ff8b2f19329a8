#include "net/body_buffer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "base/limits.h"

namespace relay::net {
namespace {

constexpr std::size_t reservation = limits::body_reservation_bytes;

void append(BodyBuffer& body, std::string_view text) {
  std::memcpy(body.space().data(), text.data(), text.size());
  body.add(text.size());
}

TEST(BodyBuffer, TakesNoMoreThanIsToCome) {
  BodyBudget budget{1'000};
  IdleBodies idle;
  BodyBuffer body{budget, idle};
  EXPECT_TRUE(body.make_room(1, 10));
  EXPECT_EQ(body.space().size(), 10u);
  EXPECT_EQ(budget.in_use(), 10u);
}

TEST(BodyBuffer, DoesNotTrustALargeAnnouncementBeyondAFirstReservation) {
  BodyBudget budget{limits::request_bodies_bytes_max};
  IdleBodies idle;
  BodyBuffer body{budget, idle};
  EXPECT_TRUE(body.make_room(1, limits::request_body_bytes_max));
  EXPECT_EQ(budget.in_use(), reservation);
  body.add(reservation);
  EXPECT_TRUE(body.make_room(1, limits::request_body_bytes_max));
  EXPECT_EQ(budget.in_use(), 2 * reservation);
}

TEST(BodyBuffer, KeepsItsBytesWhenItGrows) {
  BodyBudget budget{limits::request_bodies_bytes_max};
  IdleBodies idle;
  BodyBuffer body{budget, idle};
  ASSERT_TRUE(body.make_room(5, 5));
  append(body, "hello");
  ASSERT_TRUE(body.make_room(6, 6));
  append(body, " there");
  EXPECT_EQ(body.bytes(), "hello there");
}

TEST(BodyBuffer, RefusesToGrowBeyondTheBudgetAndGivesAllBack) {
  BodyBudget budget{15};
  {
    IdleBodies idle;
    BodyBuffer one{budget, idle}, other{budget, idle};
    EXPECT_TRUE(one.make_room(10, 10));
    EXPECT_FALSE(other.make_room(6, 6));
    EXPECT_TRUE(other.make_room(5, 5));
    EXPECT_EQ(budget.in_use(), 15u);
  }
  EXPECT_EQ(budget.in_use(), 0u);
}

TEST(BodyBuffer, BelievesALargeAnnouncementWhereMemoryLiesIdle) {
  constexpr std::size_t large = 3 * reservation;
  BodyBudget budget{large};
  IdleBodies idle;
  for (int round = 0; round < 2; ++round) {
    BodyBuffer body{budget, idle};
    ASSERT_TRUE(body.make_room(1, large));
    EXPECT_EQ(budget.in_use(), round == 0 ? reservation : large);
    body.add(body.space().size());
    ASSERT_TRUE(body.make_room(large - body.bytes().size(), large));
    EXPECT_EQ(budget.in_use(), large);
  }
  EXPECT_EQ(budget.in_use(), 0u);
  EXPECT_EQ(idle.bytes(), large);
}

TEST(BodyBuffer, LeavesIdleMemoryAloneThatTheBudgetDoesNotAllow) {
  BodyBudget budget{reservation};
  IdleBodies idle;
  BodyMemory large{.size = 2 * reservation};
  large.bytes.reset(static_cast<char*>(std::malloc(large.size)));
  idle.put_back(std::move(large));
  BodyBuffer body{budget, idle};
  EXPECT_TRUE(body.make_room(1, 2 * reservation));
  EXPECT_EQ(budget.in_use(), reservation);
  EXPECT_EQ(idle.bytes(), 2 * reservation);
}

}  // namespace
}  // namespace relay::net
