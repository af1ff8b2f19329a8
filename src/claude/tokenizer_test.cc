#include "claude/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "base/limits.h"
#include "claude/tokenizer_characters.h"
#include "claude/tokenizer_vocabulary.h"

// That the tokens equal js-tiktoken's on all kinds of text is shown by tests/tokenizer/.
namespace relay::claude {
namespace {

using std::chrono_literals::operator""ms;
using std::string_view_literals::operator""sv;
using testing::ElementsAre;

constexpr Encoding both[] = {Encoding::cl100k_base, Encoding::o200k_base};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slower = 20;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int slower = 20;
#else
constexpr int slower = 1;
#endif
#else
constexpr int slower = 1;
#endif

std::string decode(Encoding encoding, const std::vector<std::uint32_t>& tokens) {
  std::string text;
  for (const std::uint32_t token : tokens) text += Vocabulary::of(encoding).token(token);
  return text;
}

// Of this thread, so that a busy machine does not make a test fail.
std::chrono::nanoseconds cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

// Whether the tokens are counted in time, in one of three tries.
bool is_in_time(Encoding encoding, std::string_view text) {
  for (int i = 0; i < 3; ++i) {
    const auto begin = cpu_time();
    count_tokens(encoding, text);
    if (cpu_time() - begin < slower * 50ms) return true;
  }
  return false;
}

TEST(Tokenizer, CountsWhatTheReferenceCounts) {
  struct Known {
    std::string_view text;
    core::TokenCount cl100k_base;
    core::TokenCount o200k_base;
  };
  constexpr Known known[] = {
      {"", 0, 0},
      {"hello world", 2, 2},
      {"The quick brown fox jumps over the lazy dog.", 10, 10},
      {"敏捷的棕色狐狸跳过了懒狗。", 25, 14},
      {"吾輩は猫である。名前はまだ無い。", 21, 14},
      {"Съешь же ещё этих мягких французских булок", 28, 12},
      {"مرحبا بالعالم", 10, 4},
      {"नमस्ते दुनिया", 13, 5},
      {"สวัสดีชาวโลก", 13, 7},
      {"for (int i = 0; i < n; ++i) {\n    sum += values[i];\n}\n", 23, 23},
      {"👩‍👩‍👧‍👦 🇩🇪 👍🏽", 29, 18},
      {"I'LL don't WE'VE", 8, 7},
      {"3.14159265358979", 7, 7},
      {"a\r\n\r\n  b\t\tc   ", 7, 7},
      {"\ufeff\u0085\u200b\u3000", 5, 5},
  };
  for (const Known& row : known) {
    EXPECT_EQ(count_tokens(Encoding::cl100k_base, row.text), row.cl100k_base) << row.text;
    EXPECT_EQ(count_tokens(Encoding::o200k_base, row.text), row.o200k_base) << row.text;
  }
}

TEST(Tokenizer, TakesTheTextOfSpecialTokensForText) {
  EXPECT_THAT(encode(Encoding::cl100k_base, "don't <|endoftext|> 中文"),
              ElementsAre(15357, 956, 83739, 8862, 728, 428, 91, 29, 73958, 17161));
  EXPECT_THAT(encode(Encoding::o200k_base, "don't <|endoftext|> 中文"),
              ElementsAre(91418, 464, 91, 419, 1440, 919, 91, 29, 83711));
}

TEST(Tokenizer, CountsBytesThatAreNotUtf8AsReplacementCharacters) {
  for (const Encoding encoding : both) {
    EXPECT_EQ(encode(encoding, "a\xed\xa0\x80z\xf0\x9f\x98"),
              encode(encoding, "a\ufffd\ufffd\ufffdz\ufffd"));
  }
}

TEST(Tokenizer, KeepsEveryByteOfValidText) {
  const std::string_view text = "\xef\xbb\xbfnaïve 中文\0\r\n 👍🏽 '\u017f\u212a"sv;
  for (const Encoding encoding : both) EXPECT_EQ(decode(encoding, encode(encoding, text)), text);
}

TEST(Tokenizer, TakesRandomBytes) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random{seed};
  for (int i = 0; i < 2'000; ++i) {
    std::string text(random() % 64, '\0');
    std::ranges::generate(text, [&] { return static_cast<char>(random()); });
    for (const Encoding encoding : both) {
      const auto tokens = encode(encoding, text);
      ASSERT_EQ(decode(encoding, tokens), replace_invalid(text));
      ASSERT_EQ(count_tokens(encoding, text), std::ssize(tokens));
    }
  }
}

TEST(Tokenizer, TakesNoTimeOverOneLetterRepeated) {
  for (const std::string_view letter : {"a", " ", "中", "\u0301", "A", "=", "'"}) {
    std::string text;
    while (text.size() < 100'000) text += letter;
    for (const Encoding encoding : both) {
      EXPECT_TRUE(is_in_time(encoding, text)) << letter;
    }
  }
}

TEST(Tokenizer, TakesNoTimeOverRunsThatMustBeGivenBack) {
  for (const std::string_view unit : {"\u0301A", "中A", " \n", "\n  ", "A中", "\u0301 ", "'l"}) {
    std::string text;
    while (text.size() < 100'000) text += unit;
    for (const Encoding encoding : both) {
      EXPECT_TRUE(is_in_time(encoding, text + "A")) << unit;
    }
  }
}

TEST(Tokenizer, CutsPiecesThatAreTooLongToBeMergedAsOne) {
  const std::string text(2 * limits::token_piece_bytes_max + 5, 'x');
  for (const Encoding encoding : both) EXPECT_EQ(decode(encoding, encode(encoding, text)), text);
}

TEST(Tokenizer, ServesThreadsAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (const Encoding encoding : both) EXPECT_EQ(count_tokens(encoding, "hello world"), 2);
    });
  }
}

}  // namespace
}  // namespace relay::claude
