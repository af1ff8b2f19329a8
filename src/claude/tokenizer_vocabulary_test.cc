#include "claude/tokenizer_vocabulary.h"

#include <gtest/gtest.h>

#include <string>

namespace relay::claude {
namespace {

constexpr Encoding both[] = {Encoding::cl100k_base, Encoding::o200k_base};

TEST(Vocabulary, HasEveryTokenOfItsEncoding) {
  EXPECT_EQ(Vocabulary::of(Encoding::cl100k_base).size(), 100'256U);
  EXPECT_EQ(Vocabulary::of(Encoding::o200k_base).size(), 199'998U);
}

TEST(Vocabulary, FindsEveryTokenByItsBytes) {
  for (const Encoding encoding : both) {
    const Vocabulary& vocabulary = Vocabulary::of(encoding);
    for (std::uint32_t rank = 0; rank < vocabulary.size(); ++rank) {
      ASSERT_EQ(vocabulary.rank(vocabulary.token(rank)), rank);
    }
  }
}

TEST(Vocabulary, HasEverySingleByte) {
  for (const Encoding encoding : both) {
    for (int byte = 0; byte < 256; ++byte) {
      EXPECT_TRUE(Vocabulary::of(encoding).rank(std::string(1, static_cast<char>(byte))));
    }
  }
}

TEST(Vocabulary, FindsNothingElse) {
  for (const Encoding encoding : both) {
    const Vocabulary& vocabulary = Vocabulary::of(encoding);
    EXPECT_FALSE(vocabulary.rank(""));
    EXPECT_FALSE(vocabulary.rank("<|endoftext|>"));
    EXPECT_FALSE(vocabulary.rank("qzqzqz"));
    EXPECT_FALSE(vocabulary.rank(std::string(1'000, ' ')));
  }
}

}  // namespace
}  // namespace relay::claude
