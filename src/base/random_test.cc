#include "base/random.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <set>
#include <string>

namespace relay {
namespace {

std::string draw_base62(std::size_t digits) {
  std::string text(digits, '?');
  random_base62(text);
  return text;
}

TEST(Random, NeverRepeatsItself) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(draw_base62(12));
  EXPECT_EQ(seen.size(), 10'000u);
}

TEST(Random, FillsDrawsOfEverySize) {
  for (std::size_t size = 0; size < 600; ++size) {
    std::string text = draw_base62(size);
    EXPECT_EQ(text.find_first_not_of(base62_digits), std::string::npos) << size;
  }
}

// 62'000 draws of 62 digits: each is expected 1'000 times, and six standard deviations are 190.
TEST(Random, LikesAllDigitsEqually) {
  std::map<char, int> counts;
  for (const char digit : draw_base62(62'000)) ++counts[digit];
  EXPECT_EQ(counts.size(), 62u);
  for (const auto& [digit, count] : counts) EXPECT_NEAR(count, 1'000, 190) << digit;
}

TEST(Random, IsNotSharedWithAForkedChild) {
  draw_base62(1);  // Leaves a stock behind.
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string drawn = draw_base62(16);
    ::_exit(::write(ends[1], drawn.data(), drawn.size()) == 16 ? 0 : 1);
  }
  std::string theirs(16, '?');
  EXPECT_EQ(::read(ends[0], theirs.data(), theirs.size()), 16);
  EXPECT_NE(theirs, draw_base62(16));
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace relay
