#include "claude/tokenizer_pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace relay::claude {
namespace {

using testing::ElementsAre;

std::vector<std::string> pieces(Encoding encoding, std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t bytes = first_piece_bytes(encoding, text);
    found.emplace_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return found;
}

std::vector<std::string> cl100k(std::string_view text) {
  return pieces(Encoding::cl100k_base, text);
}

std::vector<std::string> o200k(std::string_view text) {
  return pieces(Encoding::o200k_base, text);
}

TEST(TokenizerPieces, CutContractionsOffTheirWordInTheOlderEncodingOnly) {
  EXPECT_THAT(cl100k("fox's don'T we'LL"), ElementsAre("fox", "'s", " don", "'T", " we", "'LL"));
  EXPECT_THAT(o200k("fox's don'T we'LL"), ElementsAre("fox's", " don'T", " we'LL"));
  EXPECT_THAT(cl100k("'store"), ElementsAre("'s", "tore"));
  EXPECT_THAT(o200k("'store"), ElementsAre("'store"));
  EXPECT_THAT(o200k("ABC'S don''t"), ElementsAre("ABC'S", " don", "''", "t"));
}

TEST(TokenizerPieces, KnowNoContractionWithLettersThatOnlyFoldToAscii) {
  EXPECT_THAT(cl100k("'\u017fo '\u212a"), ElementsAre("'\u017fo", " '", "\u212a"));
  EXPECT_THAT(o200k("x'\u017f"), ElementsAre("x", "'\u017f"));
}

TEST(TokenizerPieces, SplitAtCapitalsInTheNewerEncodingOnly) {
  EXPECT_THAT(cl100k("HTTPServer iPhone"), ElementsAre("HTTPServer", " iPhone"));
  EXPECT_THAT(o200k("HTTPServer iPhone"), ElementsAre("HTTPServer", " i", "Phone"));
  EXPECT_THAT(o200k("\u01c5ungla"), ElementsAre("\u01c5ungla"));
}

TEST(TokenizerPieces, GiveCapitalsBackThatNoSmallLetterFollows) {
  EXPECT_THAT(cl100k("中文ABC def"), ElementsAre("中文ABC", " def"));
  EXPECT_THAT(o200k("中文ABC def"), ElementsAre("中文", "ABC", " def"));
  EXPECT_THAT(o200k("中文ABCd"), ElementsAre("中文ABCd"));
  EXPECT_THAT(o200k(" A中B文CD"), ElementsAre(" A中B文", "CD"));
}

TEST(TokenizerPieces, TakeMarksForLettersInTheNewerEncodingOnly) {
  EXPECT_THAT(cl100k("x\u0301y"), ElementsAre("x", "\u0301y"));
  EXPECT_THAT(o200k("x\u0301y"), ElementsAre("x\u0301y"));
  EXPECT_THAT(cl100k("\u0301ABC"), ElementsAre("\u0301ABC"));
  EXPECT_THAT(o200k("\u0301ABC"), ElementsAre("\u0301", "ABC"));
  EXPECT_THAT(cl100k(" \u0301b"), ElementsAre(" \u0301", "b"));
  EXPECT_THAT(o200k(" \u0301b"), ElementsAre(" \u0301b"));
}

TEST(TokenizerPieces, LetAnyOneCharacterButANewlineOrNumberStartAWord) {
  for (const auto split : {cl100k, o200k}) {
    EXPECT_THAT(split(".a ,B\u3000c\td"), ElementsAre(".a", " ,", "B", "\u3000c", "\td"));
    EXPECT_THAT(split("\na"), ElementsAre("\n", "a"));
    EXPECT_THAT(split("7a"), ElementsAre("7", "a"));
  }
}

TEST(TokenizerPieces, TakeDigitsOfAnyScriptByThrees) {
  for (const auto split : {cl100k, o200k}) {
    EXPECT_THAT(split("1234567"), ElementsAre("123", "456", "7"));
    EXPECT_THAT(split("Ⅷ²१२३४"), ElementsAre("Ⅷ²१", "२३४"));
  }
}

TEST(TokenizerPieces, LetNewlinesTrailSymbolsAndSlashesInTheNewerEncoding) {
  EXPECT_THAT(cl100k("!!//\r\n/x"), ElementsAre("!!//\r\n", "/x"));
  EXPECT_THAT(o200k("!!//\r\n/x"), ElementsAre("!!//\r\n/", "x"));
}

TEST(TokenizerPieces, LeaveTheLastOfSeveralSpacesToTheNextWord) {
  for (const auto split : {cl100k, o200k}) {
    EXPECT_THAT(split("   a"), ElementsAre("  ", " a"));
    EXPECT_THAT(split("  1  "), ElementsAre(" ", " ", "1", "  "));
  }
}

TEST(TokenizerPieces, EndWhitespaceBehindItsLastNewline) {
  for (const auto split : {cl100k, o200k}) {
    EXPECT_THAT(split("a \n  \n  x"), ElementsAre("a", " \n  \n", " ", " x"));
    EXPECT_THAT(split("\r\n\r\n"), ElementsAre("\r\n\r\n"));
  }
}

TEST(TokenizerPieces, TakeForWhitespaceWhatJavaScriptDoes) {
  for (const auto split : {cl100k, o200k}) {
    EXPECT_THAT(split("\ufeff\u00a0 "), ElementsAre("\ufeff\u00a0 "));
    EXPECT_THAT(split("1\u0085\u200b1"), ElementsAre("1", "\u0085\u200b", "1"));
  }
}

}  // namespace
}  // namespace relay::claude
