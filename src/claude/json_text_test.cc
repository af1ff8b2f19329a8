#include "claude/json_text.h"

#include <gtest/gtest.h>

namespace relay::claude {
namespace {

TEST(Quoted, EscapesWhatWouldBreakTheJsonOrTheLine) {
  EXPECT_EQ(quoted("a \"b\" \\ \n\x7f"), R"("a \"b\" \\ \u000a\u007f")");
  EXPECT_EQ(quoted("h\u00e9"), "\"h\u00e9\"");
}

TEST(Quoted, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(quoted("a\xff\xfe"), "\"a??\"");
}

TEST(Unescaped, KnowsEveryEscape) {
  EXPECT_EQ(unescaped(R"(\"\\\/\b\f\n\r\t\u0041)"), "\"\\/\b\f\n\r\tA");
  EXPECT_EQ(unescaped(R"(\u00e9\u4e16\ud83d\ude00)"), "\u00e9\u4e16\U0001F600");
}

TEST(Unescaped, ReplacesHalfASurrogatePair) {
  EXPECT_EQ(unescaped(R"(\ud83d)"), "\uFFFD");
  EXPECT_EQ(unescaped(R"(\ude00x)"), "\uFFFDx");
  EXPECT_EQ(unescaped(R"(\ud83d\u0041)"), "\uFFFDA");
  EXPECT_EQ(unescaped(R"(\ud83d\n)"), "\uFFFD\n");
}

}  // namespace
}  // namespace relay::claude
