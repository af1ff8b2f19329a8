#include "core/glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace relay::core {
namespace {

TEST(Glob, MatchesAllOfTheText) {
  EXPECT_TRUE(glob_matches("claude-haiku-4-5", "claude-haiku-4-5"));
  EXPECT_FALSE(glob_matches("claude-haiku-4-5", "claude-haiku-4-5-20251001"));
  EXPECT_FALSE(glob_matches("claude", "xclaude"));
  EXPECT_TRUE(glob_matches("claude-haiku-*", "claude-haiku-4-5"));
  EXPECT_FALSE(glob_matches("claude-haiku-*", "claude-haiku"));
  EXPECT_TRUE(glob_matches("*haiku*", "claude-3-5-haiku-20241022"));
  EXPECT_TRUE(glob_matches("claude-?-5", "claude-3-5"));
  EXPECT_FALSE(glob_matches("claude-?-5", "claude-33-5"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_FALSE(glob_matches("?", ""));
  EXPECT_TRUE(glob_matches("a*b*c", "axxbxbxc"));
  EXPECT_FALSE(glob_matches("a*b*c", "axxcxb"));
}

TEST(Glob, KnowsCase) {
  EXPECT_FALSE(glob_matches("claude-*", "Claude-haiku"));
}

// The obvious way, which may take for ever.
bool slow_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return slow_match(pattern.substr(1), text) ||
           (!text.empty() && slow_match(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         slow_match(pattern.substr(1), text.substr(1));
}

TEST(Glob, AgreesWithTheObviousWay) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random{seed};
  const auto word = [&](std::string_view letters) {
    std::string made;
    for (auto size = random() % 9; size > 0; --size) made += letters[random() % letters.size()];
    return made;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = word("ab*?*");
    const std::string text = word("ab");
    ASSERT_EQ(glob_matches(pattern, text), slow_match(pattern, text)) << pattern << " " << text;
  }
}

TEST(Glob, TakesNoLongerThanTheProductOfTheLengths) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(256, 'a')));
}

}  // namespace
}  // namespace relay::core
