#include "claude/model_family.h"

#include <gtest/gtest.h>

namespace relay::claude {
namespace {

TEST(ModelFamily, IsAWordOfTheModelId) {
  EXPECT_EQ(family_of("claude-opus-5-5"), ModelFamily::opus);
  EXPECT_EQ(family_of("claude-sonnet-4-5-20250929"), ModelFamily::sonnet);
  EXPECT_EQ(family_of("claude-3-5-haiku-20241022"), ModelFamily::haiku);
  EXPECT_EQ(family_of("claude-fable-5"), ModelFamily::fable);
  EXPECT_EQ(family_of("claude-mythos-preview"), ModelFamily::mythos);
}

TEST(ModelFamily, IsOtherForAnythingElse) {
  EXPECT_EQ(family_of(""), ModelFamily::other);
  EXPECT_EQ(family_of("-"), ModelFamily::other);
  EXPECT_EQ(family_of("gpt-opusculum"), ModelFamily::other);
}

}  // namespace
}  // namespace relay::claude
