#include "claude/tokenizer_characters.h"

#include <gtest/gtest.h>

namespace relay::claude {
namespace {

using std::string_view_literals::operator""sv;

TEST(Characters, HaveTheKindsOfTheirUnicodeCategory) {
  struct Known {
    std::string_view character;
    KindSet kind;
  };
  constexpr Known known[] = {
      {"A", kind::upper},          {"\u01c5", kind::upper},  // Lt
      {"\U00010400", kind::upper},                           // Deseret
      {"z", kind::lower},          {"\u00b5", kind::lower},       {"\u02b0", kind::uncased},  // Lm
      {"中", kind::uncased},       {"\U0002a6d0", kind::uncased}, {"\u0301", kind::mark},     // Mn
      {"\u0903", kind::mark},                                                                 // Mc
      {"\u20dd", kind::mark},                                                                 // Me
      {"\U000e0100", kind::mark},                             // The last of all runs but one.
      {"7", kind::number},         {"\u2167", kind::number},  // Nl
      {"\u00b2", kind::number},                               // No
      {" ", kind::space},          {"\v", kind::space},           {"\u2028", kind::space},
      {"\ufeff", kind::space},     {"\r", kind::newline},         {"\n", kind::newline},
      {"\u0085", kind::symbol},    {"\u200b", kind::symbol},      {"\ufffd", kind::symbol},
      {"👍", kind::symbol},         {"\U0010ffff", kind::symbol},
  };
  for (const Known& row : known) {
    const Character character = character_at(row.character, 0);
    EXPECT_EQ(character.kind, row.kind) << row.character;
    EXPECT_EQ(character.bytes, row.character.size());
  }
}

TEST(Characters, HaveNoKindAtTheEndOfTheText) {
  EXPECT_FALSE(character_at("a", 1).is(0xff));
  EXPECT_EQ(character_at("", 0).bytes, 0U);
}

// The examples are of The Unicode Standard, chapter 3.9, tables 3-8 to 3-11.
TEST(ReplaceInvalid, PutsOneReplacementForEachMaximalSubpart) {
  constexpr auto r = "\ufffd";
  const auto times = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += r;
    return text;
  };
  EXPECT_EQ(replace_invalid("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"), times(8) + "A");
  EXPECT_EQ(replace_invalid("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41"), times(8) + "A");
  EXPECT_EQ(replace_invalid("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42"),
            times(5) + "A" + times(2) + "B");
  EXPECT_EQ(replace_invalid("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), times(4) + "A");
}

TEST(ReplaceInvalid, KeepsWhatIsValid) {
  const auto text = "\0\x7f\u0080\u07ff\u0800\ud7ff\ue000\ufeff\uffff\U00010000\U0010ffff"sv;
  EXPECT_EQ(replace_invalid(text), text);
  EXPECT_EQ(replace_invalid(""), "");
}

TEST(ReplaceInvalid, ReplacesACharacterThatBreaksOffAtTheEnd) {
  EXPECT_EQ(replace_invalid("a\xf0\x9f\x98"), "a\ufffd");
  EXPECT_EQ(replace_invalid("a\xe2"), "a\ufffd");
}

}  // namespace
}  // namespace relay::claude
