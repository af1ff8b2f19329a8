#include "http/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace relay::http {
namespace {

using testing::ElementsAre;

std::vector<std::pair<std::string, std::string>> all(const Fields& fields) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const FieldView field : fields) pairs.emplace_back(field.name, field.value);
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

}  // namespace
}  // namespace relay::http
