#include "base/result.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <type_traits>

#include "base/task.h"

namespace relay {
namespace {

constexpr std::size_t pointer_bytes = sizeof(void*);
static_assert(sizeof(Result<void>) == 2 * pointer_bytes);
static_assert(sizeof(Result<std::string_view>) == 3 * pointer_bytes);
static_assert(std::is_nothrow_move_constructible_v<Result<std::string>>);

Error error(std::string message) {
  return {.code = ErrorCode::conflict, .origin = Origin::client, .message = std::move(message)};
}

Result<bool> is_even(int number) {
  if (number < 0) return std::unexpected(error("negative"));
  return number % 2 == 0;
}

Task<Result<bool>> later(int number) {
  const Result<bool> even = is_even(number);
  if (!even) co_return std::unexpected(even.error());
  co_return even;
}

TEST(Result, IsAValueOrAnError) {
  EXPECT_EQ(is_even(2), true);
  EXPECT_EQ(is_even(3), false);
  ASSERT_FALSE(is_even(-1));
  EXPECT_EQ(is_even(-1).error().message, "negative");
  EXPECT_EQ(is_even(-1).value_or(true), true);
}

// A bool can be made of a result: that must not be taken for its value.
TEST(Result, IsCopiedAndMovedAsItIs) {
  Result<bool> odd = is_even(3);
  Result<bool> copy{odd};
  EXPECT_EQ(copy, false);
  const Result<bool> moved{std::move(copy)};
  EXPECT_EQ(moved, false);
  odd = is_even(-1);
  ASSERT_FALSE(odd.has_value());
  odd = true;
  EXPECT_EQ(odd, true);
}

TEST(Result, CopiesItsErrorWithIt) {
  const Result<bool> failed = is_even(-1);
  Result<bool> copy = failed;
  copy.error().message = "changed";
  EXPECT_EQ(failed.error().message, "negative");
  EXPECT_EQ(copy.error().message, "changed");
  const Error taken = std::move(copy).error();
  EXPECT_EQ(taken.message, "changed");
}

TEST(Result, PassesAnErrorOnToOneOfAnotherKind) {
  const Result<void> other = std::unexpected(is_even(-1).error());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  EXPECT_TRUE(Result<void>{});
}

TEST(Result, IsWhatATaskGives) {
  Task<Result<bool>> odd = later(3);
  odd.start();
  EXPECT_EQ(odd.result(), false);
  Task<Result<bool>> failed = later(-1);
  failed.start();
  EXPECT_EQ(failed.result().error().message, "negative");
}

}  // namespace
}  // namespace relay
