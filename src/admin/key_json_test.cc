#include "admin/key_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relay::admin {
namespace {

using testing::ElementsAre;
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

std::string repeated(std::string_view character, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += character;
  return text;
}

// As the contract counts them: code points, not bytes.
TEST(NewKey, HasRoomForAsManyCharactersOfEveryScript) {
  const auto body = [](std::string_view member, int count) {
    return R"({"name":"a",")" + std::string{member} + R"(":")" + repeated("钥", count) + R"("})";
  };
  const auto named = [](int count) {
    return R"({"name":")" + repeated("\U0001f511", count) + "\"}";
  };
  EXPECT_EQ(refusal(named(200)), "accepted");
  EXPECT_EQ(refusal(named(201)), "name must be a text of at most 200 characters.");
  EXPECT_EQ(refusal(body("owner", 200)), "accepted");
  EXPECT_NE(refusal(body("owner", 201)), "accepted");
  EXPECT_EQ(refusal(body("description", 2'000)), "accepted");
  EXPECT_NE(refusal(body("description", 2'001)), "accepted");
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

TEST(NewKey, MayCarryEveryTerm) {
  const auto key = parse_new_key(
      R"({"name":"a","description":"b","owner":"c","tags":["x","y"],"token_limit":1,
          "token_limit_5h":2,"token_limit_day":3,"token_limit_week":4,"token_limit_month":5,
          "usd_limit":0.000000001,"usd_limit_5h":2,"usd_limit_day":3.5,"usd_limit_week":1e-7,
          "usd_limit_month":9007199.254740993,"rate_limit_tier":"basic","concurrency":6,
          "allowed_models":["claude-haiku-*"],"allowed_ips":["10.1.2.3/8","2001:db8::1"],
          "allowed_domains":["Example.com","*.example.org:8443"],
          "expires_at":"2027-01-31T00:00:00Z","days_from_first_use":30,"on_abort":"drain",
          "hold":"strict"})",
      now);
  ASSERT_TRUE(key) << key.error().message;
  const core::KeyTerms& terms = key->terms;
  EXPECT_EQ(key->owner, "c");
  EXPECT_THAT(key->tags, ElementsAre("x", "y"));
  EXPECT_EQ(terms.token_limits[core::Window::week], 4);
  EXPECT_EQ(terms.cost_limits[core::Window::total], 1);
  EXPECT_EQ(terms.cost_limits[core::Window::week], 100);
  EXPECT_EQ(terms.cost_limits[core::Window::month], 9'007'199'254'740'993);
  EXPECT_EQ(terms.concurrency, 6);
  EXPECT_THAT(terms.models, ElementsAre("claude-haiku-*"));
  EXPECT_EQ(to_string(terms.addresses.at(0)), "10.0.0.0/8");
  EXPECT_THAT(terms.domains, ElementsAre("example.com", "*.example.org:8443"));
  EXPECT_EQ(terms.days_from_first_use, 30);
  EXPECT_EQ(terms.on_abort, core::OnAbort::drain);
  EXPECT_EQ(terms.hold, core::HoldPolicy::strict);
}

TEST(NewKey, ExpiresAfterDaysIfItSaysSo) {
  const auto key = parse_new_key(R"({"name":"a","expires_in_days":7})", now);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->terms.expires_at, now + std::chrono::days{7});
  EXPECT_THAT(refusal(R"({"name":"a","expires_in_days":7,"expires_at":"2027-01-31T00:00:00Z"})"),
              HasSubstr("not both"));
}

// What is echoed can be sent back, member by member.
TEST(KeyPatch, TakesWhatIsEchoed) {
  const auto key = parse_new_key(
      R"({"name":"a","tags":["x"],"usd_limit_day":3.000000001,"allowed_ips":["10.0.0.0/8"],
          "hold":"strict","expires_in_days":7,"on_abort":"cancel"})",
      now);
  ASSERT_TRUE(key);
  auto echoed = nlohmann::ordered_json::parse(key_json(*key, now));
  for (const char* const member :
       {"id", "key_prefix", "tokens_used", "cost_used_usd", "is_active", "status", "created_at",
        "first_used_at", "last_used_at", "previous_secret_valid_until"}) {
    echoed.erase(member);
  }
  core::ApiKey copy;
  const auto patch = parse_key_patch(echoed.dump(), now);
  ASSERT_TRUE(patch) << patch.error().message;
  apply_patch(*patch, copy);
  copy.created_at = now;
  EXPECT_EQ(key_json(copy, now), key_json(*key, now));
}

TEST(KeyPatch, ChangesWhatIsNamedAndNoMore) {
  core::ApiKey key = parse_new_key(R"({"name":"a","token_limit":5,"owner":"b"})", now).value();
  apply_patch(parse_key_patch(R"({"token_limit":null})", now).value(), key);
  EXPECT_EQ(key.terms.token_limits[core::Window::total], std::nullopt);
  EXPECT_EQ(key.owner, "b");
  apply_patch(parse_key_patch(R"({"owner":null,"tags":["x","x"]})", now).value(), key);
  EXPECT_EQ(key.owner, "");
  EXPECT_THAT(key.tags, ElementsAre("x"));
}

TEST(KeyPatch, NeverTakesTheNameAway) {
  EXPECT_FALSE(parse_key_patch(R"({"name":null})", now));
  EXPECT_FALSE(parse_key_patch(R"({"name":""})", now));
}

TEST(KeyPatch, RefusesWhatNoTermCanBe) {
  for (const char* const body : {R"({"tags":"x"})",
                                 R"({"tags":[""]})",
                                 R"({"tags":[1]})",
                                 R"({"tags":["a\nb"]})",
                                 R"({"usd_limit":-1})",
                                 R"({"usd_limit":"5"})",
                                 R"({"usd_limit":0.0000000001})",
                                 R"({"usd_limit":1e30})",
                                 R"({"concurrency":0})",
                                 R"({"concurrency":1.5})",
                                 R"({"allowed_models":["a b"]})",
                                 R"({"allowed_ips":["10.0.0.0/33"]})",
                                 R"({"allowed_ips":["localhost"]})",
                                 R"({"allowed_domains":["https://example.com"]})",
                                 R"({"allowed_domains":["*"]})",
                                 R"({"on_abort":"wait"})",
                                 R"({"hold":1})",
                                 R"({"days_from_first_use":0})",
                                 R"({"expires_in_days":0})",
                                 R"({"id":"x"})",
                                 R"({"tokens_used":0})",
                                 R"({"is_active":false})"}) {
    EXPECT_FALSE(parse_key_patch(body, now)) << body;
  }
}

TEST(NewKeys, AreAsManyAsAreAskedFor) {
  const auto keys = parse_new_keys(R"({"name":"dev","count":500})", now);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->count, 500u);
  for (const char* const body : {R"({"name":"dev"})", R"({"name":"dev","count":1})",
                                 R"({"name":"dev","count":501})", R"({"count":2})"}) {
    EXPECT_FALSE(parse_new_keys(body, now)) << body;
  }
}

TEST(NewKeys, HaveNamesThatAKeyMayHaveNumberAndAll) {
  const auto body = [](int characters) {
    return R"({"count":500,"name":")" + repeated("钥", characters) + R"("})";
  };
  EXPECT_TRUE(parse_new_keys(body(196), now)) << "196 and -500";
  EXPECT_FALSE(parse_new_keys(body(197), now));
}

TEST(KeyJson, NeverShowsAHash) {
  core::ApiKey key;
  key.secret_hash = "$2b$10$hash";
  key.digest.fill('d');
  key.former = {"id", "$2b$10$hash", key.digest, now + std::chrono::days{1}};
  for (const std::string& shown :
       {key_json(key, now), difference({}, key).before, difference({}, key).after}) {
    EXPECT_EQ(shown.find("hash"), std::string::npos);
    EXPECT_EQ(shown.find("dddd"), std::string::npos);
  }
}

TEST(KeyJson, SaysHowLongTheFormerSecretIsGood) {
  core::ApiKey key;
  key.former = {"id", "", {}, now + std::chrono::seconds{1}};
  const auto until = [&](WallTime at) {
    return nlohmann::json::parse(key_json(key, at))["previous_secret_valid_until"];
  };
  EXPECT_EQ(until(now), "2026-11-23T00:00:01.000Z");
  EXPECT_TRUE(until(now + std::chrono::seconds{1}).is_null());
}

TEST(KeyDifference, NamesWhatChangedOnly) {
  core::ApiKey before;
  before.name = "a";
  core::ApiKey after = before;
  after.terms.token_limits[core::Window::day] = 7;
  after.is_active = false;
  const KeyDifference changed = difference(before, after);
  EXPECT_EQ(changed.before, R"({"token_limit_day":null,"is_active":true})");
  EXPECT_EQ(changed.after, R"({"token_limit_day":7,"is_active":false})");
}

}  // namespace
}  // namespace relay::admin
