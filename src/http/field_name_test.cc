#include "http/field_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace relay::http {
namespace {

std::string in_capitals(std::string_view name) {
  std::string text{name};
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

TEST(FieldId, IsThePlaceOfAKnownNameHoweverItIsSpelled) {
  for (std::size_t i = 0; i < known_field_names.size(); ++i) {
    const std::string_view name = known_field_names[i];
    EXPECT_EQ(field_id(name), static_cast<FieldId>(i)) << name;
    EXPECT_EQ(field_id(in_capitals(name)), static_cast<FieldId>(i)) << name;
  }
}

TEST(FieldId, TakesNoOtherNameForAKnownOne) {
  EXPECT_EQ(field_id(""), FieldId::other);
  for (const std::string_view name : known_field_names) {
    std::string other{name};
    for (char& c : other) {
      c ^= 0x40;
      EXPECT_EQ(field_id(other), FieldId::other) << other;
      c ^= 0x40;
    }
    EXPECT_EQ(field_id(other + "-"), FieldId::other) << other;
    std::ranges::replace(other, '-', '_');
    if (other == name) continue;
    EXPECT_EQ(field_id(other), FieldId::other) << other;
  }
}

TEST(KnownFieldNames, AreInLowerCaseAndThereOnce) {
  for (const std::string_view name : known_field_names) {
    EXPECT_EQ(std::ranges::count(known_field_names, name), 1) << name;
    EXPECT_TRUE(std::ranges::none_of(name, [](unsigned char c) { return std::isupper(c); }))
        << name;
  }
}

TEST(FieldName, IsTheSameWhetherTheCompilerKnowsItOrNot) {
  constexpr FieldName literal{"x-api-key"};
  EXPECT_TRUE(literal == FieldName{std::string{"X-Api-Key"}});
  EXPECT_TRUE(literal == "X-API-Key");
  EXPECT_FALSE(literal == FieldName{std::string{"x-api-keys"}});
  constexpr FieldName unknown{"x-nobody-knows"};
  EXPECT_FALSE(unknown.is_known());
  EXPECT_TRUE(unknown == FieldName{std::string{"X-Nobody-Knows"}});
  EXPECT_FALSE(unknown == FieldName{std::string{"x-nobody-cares"}});
}

}  // namespace
}  // namespace relay::http
