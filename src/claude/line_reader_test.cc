#include "claude/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/limits.h"

namespace relay::claude {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines(std::initializer_list<std::string_view> pieces) {
  LineReader reader;
  std::vector<std::string> result;
  for (const std::string_view piece : pieces) {
    reader.feed(piece);
    while (const auto line = reader.next()) result.emplace_back(line->text);
  }
  if (reader.is_inside_line()) result.emplace_back("...");
  return result;
}

TEST(LineReader, KnowsAllThreeEndsOfALine) {
  EXPECT_THAT(lines({"a\nb\r\nc\rd\n\n\r\n\r\re"}),
              ElementsAre("a", "b", "c", "d", "", "", "", "", "..."));
  EXPECT_THAT(lines({"a\r"}), ElementsAre("a"));
  EXPECT_THAT(lines({""}), ElementsAre());
}

TEST(LineReader, SplitsTheSameWhereverTheBytesAreCut) {
  const std::string_view text =
      "\xEF\xBB\xBF"
      "event: a\r\ndata: b\r\n\r\nx\ry\n\nz";
  const auto whole = lines({text});
  EXPECT_THAT(whole, ElementsAre("event: a", "data: b", "", "x", "y", "", "..."));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    for (std::size_t next = cut; next <= text.size(); ++next) {
      EXPECT_EQ(lines({text.substr(0, cut), text.substr(cut, next - cut), text.substr(next)}),
                whole);
    }
  }
}

TEST(LineReader, TakesAByteOrderMarkInFrontOnly) {
  EXPECT_THAT(lines({"\xEF\xBB\xBF\n\xEF\xBB\xBF\n"}), ElementsAre("", "\xEF\xBB\xBF"));
}

TEST(LineReader, CountsALineThatIsTooLongWithoutKeepingIt) {
  LineReader reader;
  const std::string part(limits::mib, 'x');
  std::size_t given = 0;
  for (int n = 0; n < 100; ++n) {
    reader.feed(part);
    given += reader.next().has_value() ? 1U : 0U;
  }
  EXPECT_EQ(given, 0U);
  reader.feed("\nnext\n");
  const auto line = reader.next();
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->is_too_long());
  EXPECT_EQ(line->bytes, 100 * limits::mib);
  EXPECT_EQ(reader.next()->text, "next");
}

TEST(LineReader, CallsALineTooLongAlsoWhenItComesAtOnce) {
  const std::string text = std::string(limits::event_bytes_max + 1, 'x') + "\n";
  LineReader reader;
  reader.feed(text);
  EXPECT_TRUE(reader.next()->is_too_long());
  reader.feed(std::string_view{text}.substr(1));
  const auto line = reader.next();
  EXPECT_FALSE(line->is_too_long());
  EXPECT_EQ(line->text.size(), limits::event_bytes_max);
}

}  // namespace
}  // namespace relay::claude
