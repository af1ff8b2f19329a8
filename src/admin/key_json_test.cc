#include "admin/key_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relay::admin {
namespace {

using testing::HasSubstr;

const WallTime now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};

std::string refusal(std::string_view body) {
  const auto key = parse_new_key(body, now);
  return key ? "accepted" : key.error().message;
}

TEST(NewKey, NeedsANameAndNoMore) {
  const auto key = parse_new_key(R"({"name":"小明"})", now);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->name, "小明");
  EXPECT_EQ(key->terms.token_limits[core::Window::total], std::nullopt);
  EXPECT_EQ(key->terms.tier, "");
  EXPECT_EQ(key->terms.expires_at, std::nullopt);
  EXPECT_THAT(refusal("{}"), HasSubstr("name"));
  EXPECT_THAT(refusal(R"({"name":""})"), HasSubstr("name"));
}

// A limit that was misspelt must not become a key without one.
TEST(NewKey, RefusesAMemberItDoesNotKnow) {
  EXPECT_THAT(refusal(R"({"name":"a","token_limt":5})"), HasSubstr("token_limt"));
}

TEST(NewKey, RefusesAMemberThatIsThereTwice) {
  EXPECT_THAT(refusal(R"({"name":"a","token_limit":5,"token_limit":null})"), HasSubstr("twice"));
}

TEST(NewKey, RefusesWrongTypesAndNumbersOutOfRange) {
  for (const char* const body :
       {R"({"name":1})", R"({"name":"a","token_limit":-1})", R"({"name":"a","token_limit":1.5})",
        R"({"name":"a","token_limit":"5"})", R"({"name":"a","token_limit":99999999999999999999})",
        R"({"name":"a","expires_at":"tomorrow"})",
        R"({"name":"a","expires_at":"2020-01-01T00:00:00Z"})", "[]", "null", "{",
        "{\"name\":\"a\"} x"}) {
    EXPECT_NE(refusal(body), "accepted") << body;
  }
}

TEST(KeyJson, NeverShowsAHash) {
  core::ApiKey key;
  key.secret_hash = "$2b$10$hash";
  key.digest.fill('d');
  EXPECT_EQ(key_json(key).dump().find("hash"), std::string::npos);
  EXPECT_EQ(key_json(key).dump().find("dddd"), std::string::npos);
}

}  // namespace
}  // namespace relay::admin
