#include "base/word_finder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace relay {
namespace {

// Where words may begin, by the length of what follows.
std::vector<std::size_t> places(const WordFinder& finder, std::string_view text) {
  std::vector<std::size_t> found;
  EXPECT_FALSE(finder.any_place(text, [&](std::string_view rest) {
    found.push_back(text.size() - rest.size());
    return false;
  }));
  return found;
}

TEST(WordFinder, FindsEveryPlaceWhereAWordMayBegin) {
  WordFinder finder;
  finder.add("Bearer ");
  finder.add("sk-");
  EXPECT_EQ(places(finder, "a sk-, a Bea"), (std::vector<std::size_t>{2, 9}));
  EXPECT_TRUE(places(finder, "sk, Be").empty());
  EXPECT_TRUE(places(finder, "").empty());
  EXPECT_TRUE(finder.any_place("a sk-", [](std::string_view rest) { return rest == "sk-"; }));
}

TEST(WordFinder, FindsWhatLookingByteForByteFinds) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random{seed};
  WordFinder finder;
  finder.add("aab");
  finder.add("b-a");
  finder.add("c-c");
  for (unsigned i = 0; i < 2'000; ++i) {
    std::string text(random() % 150, '\0');
    for (char& byte : text) byte = "abcdefghijklmnopqrstuvwxyz"[random() % (3 + i % 24)];
    std::vector<std::size_t> expected;
    for (std::size_t n = 0; n + 2 < text.size(); ++n) {
      const std::string two = {text[n], text[n + 2]};
      if (two == "ab" || two == "ba" || two == "cc") expected.push_back(n);
    }
    ASSERT_EQ(places(finder, text), expected) << text;
  }
}

}  // namespace
}  // namespace relay
