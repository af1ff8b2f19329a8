#include "net/body_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

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
  BodyBuffer body{budget};
  EXPECT_TRUE(body.make_room(1, 10));
  EXPECT_EQ(body.space().size(), 10u);
  EXPECT_EQ(budget.in_use(), 10u);
}

TEST(BodyBuffer, DoesNotTrustALargeAnnouncementBeyondAFirstReservation) {
  BodyBudget budget{limits::request_bodies_bytes_max};
  BodyBuffer body{budget};
  EXPECT_TRUE(body.make_room(1, limits::request_body_bytes_max));
  EXPECT_EQ(budget.in_use(), reservation);
  body.add(reservation);
  EXPECT_TRUE(body.make_room(1, limits::request_body_bytes_max));
  EXPECT_EQ(budget.in_use(), 2 * reservation);
}

TEST(BodyBuffer, KeepsItsBytesWhenItGrows) {
  BodyBudget budget{limits::request_bodies_bytes_max};
  BodyBuffer body{budget};
  ASSERT_TRUE(body.make_room(5, 5));
  append(body, "hello");
  ASSERT_TRUE(body.make_room(6, 6));
  append(body, " there");
  EXPECT_EQ(body.bytes(), "hello there");
}

TEST(BodyBuffer, RefusesToGrowBeyondTheBudgetAndGivesAllBack) {
  BodyBudget budget{15};
  {
    BodyBuffer one{budget}, other{budget};
    EXPECT_TRUE(one.make_room(10, 10));
    EXPECT_FALSE(other.make_room(6, 6));
    EXPECT_TRUE(other.make_room(5, 5));
    EXPECT_EQ(budget.in_use(), 15u);
  }
  EXPECT_EQ(budget.in_use(), 0u);
}

}  // namespace
}  // namespace relay::net
