#include "http/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/characters.h"

namespace relay::http {
namespace {

using testing::ElementsAre;

std::vector<std::pair<std::string, std::string>> all(const Fields& fields) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const FieldView field : fields) pairs.emplace_back(field.name.text(), field.value);
  return pairs;
}

TEST(Fields, KeepOrderAndSpellingAndRepetition) {
  Fields fields;
  fields.add("Anthropic-Beta", "a");
  fields.add("accept", "");
  fields.add("anthropic-beta", "b");
  EXPECT_THAT(all(fields), ElementsAre(std::pair{"Anthropic-Beta", "a"}, std::pair{"accept", ""},
                                       std::pair{"anthropic-beta", "b"}));
}

TEST(Fields, AreFoundWithoutRegardToCase) {
  Fields fields;
  fields.add("X-Api-Key", "one");
  fields.add("x-api-key", "two");
  EXPECT_EQ(fields.find("x-api-KEY"), "one");
  EXPECT_EQ(fields.count("X-API-KEY"), 2);
  EXPECT_EQ(fields.find("x-api"), std::nullopt);
}

TEST(Fields, GrowAfterTheyWereParsedFromABlock) {
  Fields fields;
  fields.assign("a: 1\r\n", std::vector<Fields::Slot>{{0, 1, 3, 1}});
  fields.add("b", "2");
  EXPECT_THAT(all(fields), ElementsAre(std::pair{"a", "1"}, std::pair{"b", "2"}));
  fields.clear();
  EXPECT_EQ(fields.size(), 0);
}

// The quick way, setting bit 5, takes "@" for "`" and CR for "-".
TEST(SameName, FoldsLettersOnly) {
  EXPECT_TRUE(same_name("TE", "te"));
  EXPECT_FALSE(same_name("x_y", "x\x7fy"));
  EXPECT_FALSE(same_name("@", "`"));
  EXPECT_FALSE(same_name("a-b", "a\rb"));
}

TEST(SameName, FoldsEveryByteAsOneByOneWould) {
  for (std::size_t size = 1; size < 20; ++size) {
    for (int c = 0; c < 256 * 256; ++c) {
      const char a = static_cast<char>(c / 256);
      const char b = static_cast<char>(c % 256);
      std::string left(size, 'x');
      std::string right(size, 'X');
      left[static_cast<std::size_t>(c) % size] = a;
      right[static_cast<std::size_t>(c) % size] = b;
      ASSERT_EQ(same_name(left, right), to_lower(a) == to_lower(b)) << size << ' ' << c;
    }
  }
}

TEST(Fields, ShowTheirLinesWhereTheyLieAsWeWriteThem) {
  Fields fields;
  const std::string_view block = "a: 1\r\nbb:2\r\nc: 3 \r\nd:\t4\r\ne: \r\n\r\n";
  fields.assign(block,
                std::vector<Fields::Slot>{
                    {0, 1, 3, 1}, {6, 2, 9, 1}, {12, 1, 15, 1}, {19, 1, 22, 1}, {25, 1, 28, 0}});
  EXPECT_EQ(fields.line(0), "a: 1\r\n");
  EXPECT_EQ(fields.line(1), "");
  EXPECT_EQ(fields.line(2), "");
  EXPECT_EQ(fields.line(3), "");
  EXPECT_EQ(fields.line(4), "e: \r\n");
  fields.add("f", "6");
  EXPECT_EQ(fields.line(5), "f: 6\r\n");
}

}  // namespace
}  // namespace relay::http
