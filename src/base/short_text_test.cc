#include "base/short_text.h"

#include <gtest/gtest.h>

namespace relay {
namespace {

TEST(ShortText, KeepsWhatFits) {
  EXPECT_EQ(ShortText<3>{"abc"}.view(), "abc");
  EXPECT_EQ(ShortText<3>{""}.view(), "");
}

TEST(ShortText, CutsBetweenCharacters) {
  EXPECT_EQ(ShortText<3>{"abcd"}.view(), "abc");
  EXPECT_EQ(ShortText<3>{"abé"}.view(), "ab");
  EXPECT_EQ(ShortText<4>{"a模型"}.view(), "a模");
  EXPECT_EQ(ShortText<3>{"😀"}.view(), "");
}

}  // namespace
}  // namespace relay
