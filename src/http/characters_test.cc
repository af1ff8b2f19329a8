#include "http/characters.h"

#include <gtest/gtest.h>

namespace relay::http {
namespace {

TEST(Characters, TokensAreThoseOfTheStandard) {
  EXPECT_TRUE(is_all(CharClass::token, "!#$%&'*+-.^_`|~09azAZ"));
  for (const char c : std::string_view{"\"(),/:;<=>?@[\\]{} \t\x7f\x80\0", 21}) {
    EXPECT_FALSE(is_in(CharClass::token, c)) << int{c};
  }
}

TEST(Characters, HexDigitsHaveTheirValue) {
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
  for (const char c : {'g', '@', '`', '/', ':', '\x10', '\x16'}) EXPECT_EQ(hex_value(c), -1);
}

}  // namespace
}  // namespace relay::http
