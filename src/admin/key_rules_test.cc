#include "admin/key_rules.h"

#include <gtest/gtest.h>

namespace relay::admin {
namespace {

TEST(KeyRules, TakesDomainsAsBrowsersSendThem) {
  EXPECT_EQ(parse_domain("Example.COM"), "example.com");
  EXPECT_EQ(parse_domain("*.example.com"), "*.example.com");
  EXPECT_EQ(parse_domain("localhost:3000"), "localhost:3000");
  EXPECT_EQ(parse_domain("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(parse_domain("xn--fiqs8s.example"), "xn--fiqs8s.example");
}

TEST(KeyRules, RefusesWhatIsNoDomain) {
  for (const char* const text : {"",      "*",       "*.",    "a.*.b",   "*a.b",      "https://a.b",
                                 "a.b/c", "a..b",    ".a",    "a.",      "-a.b",      "a-.b",
                                 "a b",   "a.b:",    "a.b:0", "a.b:080", "a.b:65536", "a.b:x",
                                 "a@b",   "中国.cn", "null "}) {
    EXPECT_EQ(parse_domain(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_domain(std::string(64, 'a') + ".com"), std::nullopt);
  EXPECT_EQ(parse_domain(std::string(300, 'a')), std::nullopt);
}

TEST(KeyRules, ClearsTheBitsBeyondAPrefix) {
  EXPECT_EQ(to_string(parse_client_range("10.1.2.3/8").value()), "10.0.0.0/8");
  EXPECT_EQ(to_string(parse_client_range("2001:db8::1/32").value()), "2001:db8::/32");
  EXPECT_EQ(to_string(parse_client_range("::ffff:10.0.0.1").value()), "10.0.0.1");
  EXPECT_EQ(parse_client_range("10.0.0.1/"), std::nullopt);
}

TEST(KeyRules, TakesTagsOfAllScripts) {
  EXPECT_EQ(parse_tag("研发 team"), "研发 team");
  std::string longest;
  for (int i = 0; i < 64; ++i) longest += "研";
  EXPECT_EQ(parse_tag(longest), longest);
  EXPECT_EQ(parse_tag(longest + "研"), std::nullopt);
  for (const std::string& text : {std::string{}, std::string{" a"}, std::string{"a\x1b"},
                                  std::string{"\xff"}, std::string(65, 'a')}) {
    EXPECT_EQ(parse_tag(text), std::nullopt) << text;
  }
}

TEST(KeyRules, NamesTiersWithoutAnythingThatNeedsAnEscape) {
  EXPECT_TRUE(is_tier_name("basic-2_x"));
  for (const char* const text : {"", "a b", "a/b", "%20", "金", "a.b"}) {
    EXPECT_FALSE(is_tier_name(text)) << text;
  }
}

}  // namespace
}  // namespace relay::admin
