#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace relay {
namespace {

TEST(Utf8, ReadsCodePointsOfEveryLength) {
  EXPECT_EQ(first_code_point("a").value, U'a');
  EXPECT_EQ(first_code_point("\u00e9").value, U'\u00e9');
  EXPECT_EQ(first_code_point("\u4e2d").value, U'\u4e2d');
  EXPECT_EQ(first_code_point("\U0001f600").value, U'\U0001f600');
  EXPECT_EQ(first_code_point("\U0001f600").bytes, 4U);
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (const std::string_view text : {
           "\x80", "\xc0\x80", "\xc1\xbf",      // A lone continuation; overlong.
           "\xe0\x80\x80", "\xed\xa0\x80",      // Overlong; a surrogate.
           "\xf0\x80\x80\x80",                  // Overlong.
           "\xf4\x90\x80\x80", "\xf5", "\xff",  // Beyond U+10FFFF.
           "\xc3", "\xe4\xb8", "\xc3(",         // Cut short.
       }) {
    EXPECT_EQ(first_code_point(text).bytes, 0U) << testing::PrintToString(text);
  }
}

TEST(Utf8, CountsCharactersAndWhatIsNone) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("a\u00e9\u4e2d\U0001f600"), 4U);
  EXPECT_EQ(count_code_points("\x80\x80\xe4\xb8"), 4U);
}

TEST(Utf8, CutsNoCodePointInHalf) {
  const std::string text = "ab\u4e2d\U0001f600";
  EXPECT_EQ(cut_utf8(text, 9), text);
  EXPECT_EQ(cut_utf8(text, 8), "ab\u4e2d");
  EXPECT_EQ(cut_utf8(text, 5), "ab\u4e2d");
  EXPECT_EQ(cut_utf8(text, 4), "ab");
  EXPECT_EQ(cut_utf8(text, 0), "");
  EXPECT_EQ(cut_utf8("\x80\x80\x80\x80\x80\x80", 5).size(), 1U);
}

}  // namespace
}  // namespace relay
