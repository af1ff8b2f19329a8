#include <gmock/gmock.h>

#include <set>

#include "app/admin_fixture.h"
#include "base/limits.h"
#include "core/credential.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using http::Method;
using nlohmann::json;
using testing::HasSubstr;

struct KeysTest : AdminTest {
  std::string refusal(Method method, const std::string& target, const std::string& body) {
    return ask(method, target, body).value("message", "accepted");
  }
  core::ApiKey stored(const std::string& id) { return store.find_key(id).value(); }
};

TEST_F(KeysTest, ShowsANewKeyOnce) {
  const json created = ask(Method::post, "/admin/api-keys", R"({"name":"alice"})");
  const std::string text = created["api_key"];
  EXPECT_TRUE(core::parse_key(text));
  EXPECT_EQ(changes, 1);
  const json shown = ask(Method::get, "/admin/api-keys/" + created["id"].get<std::string>());
  EXPECT_FALSE(shown.contains("api_key"));
  EXPECT_EQ(shown["key_prefix"], text.substr(0, 19));
  EXPECT_TRUE(core::verify_secret(text, stored(created["id"]).secret_hash));
  for (const core::AuditEntry& entry : audit()) {
    EXPECT_EQ(entry.after.find(text), std::string::npos);
  }
}

TEST_F(KeysTest, AnswersWithAPlainListUnlessAskedForAPage) {
  for (const char* const name : {"a", "b", "c"}) new_key(json{{"name", name}}.dump());
  const json all = ask(Method::get, "/admin/api-keys");
  ASSERT_TRUE(all.is_array());
  EXPECT_EQ(all[0]["name"], "c");
  const json page = ask(Method::get, "/admin/api-keys?limit=2");
  EXPECT_EQ(page["data"].size(), 2u);
  EXPECT_TRUE(page["has_more"]);
  const json rest =
      ask(Method::get, "/admin/api-keys?limit=2&after=" + page["next"].get<std::string>());
  EXPECT_EQ(rest["data"][0]["name"], "a");
  EXPECT_FALSE(rest["has_more"]);
  EXPECT_TRUE(rest["next"].is_null());
}

// Keys that come and go meanwhile neither shift nor repeat what is on later pages.
TEST_F(KeysTest, PagesAreStableWhileKeysComeAndGo) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(new_key());
  std::set<std::string> seen;
  std::string after;
  for (bool has_more = true; has_more;) {
    const json page = ask(Method::get, "/admin/api-keys?limit=3&after=" + after);
    for (const json& key : page["data"]) EXPECT_TRUE(seen.insert(key["id"]).second);
    has_more = page["has_more"];
    if (has_more) after = page["next"];
    new_key();
    ask(Method::delete_, "/admin/api-keys/" + *seen.begin());
  }
  for (const std::string& id : ids) EXPECT_TRUE(seen.contains(id));
}

// Where a page ended is said with the name of its last key.
TEST_F(KeysTest, PagesGoOnAfterTheLongestNames) {
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "\U0001f511";
  for (int i = 0; i < 2; ++i) ask(Method::post, "/admin/api-keys", json{{"name", longest}}.dump());
  const std::string path = "/admin/api-keys?sort=name&limit=1";
  const json page = ask(Method::get, path);
  const json rest = ask(Method::get, path + "&after=" + page["next"].get<std::string>());
  EXPECT_EQ(rest["data"][0]["name"], longest);
  EXPECT_NE(rest["data"][0]["id"], page["data"][0]["id"]);
}

TEST_F(KeysTest, FindsByFiltersAndRefusesUnknownOnes) {
  new_key(R"({"name":"alice","tags":["研发"],"owner":"x"})");
  const std::string bob = new_key(R"({"name":"bob"})");
  ask(Method::post, "/admin/api-keys/" + bob + "/disable");
  const auto found = [&](const std::string& query) {
    std::string names;
    const json page = ask(Method::get, "/admin/api-keys?" + query);
    for (const json& key : page["data"]) {
      names += key["name"].get<std::string>() + " ";
    }
    return names;
  };
  EXPECT_EQ(found("search=ALI"), "alice ");
  EXPECT_EQ(found("status=disabled"), "bob ");
  EXPECT_EQ(found("tag=%E7%A0%94%E5%8F%91"), "alice ");
  EXPECT_EQ(found("owner=x"), "alice ");
  EXPECT_EQ(found("sort=name&order=asc"), "alice bob ");
  EXPECT_EQ(found("unused_days=1"), "bob alice ");
  EXPECT_THAT(refusal(Method::get, "/admin/api-keys?statsu=x", ""), HasSubstr("statsu"));
  EXPECT_THAT(refusal(Method::get, "/admin/api-keys?status=dead", ""), HasSubstr("status must be"));
  EXPECT_THAT(refusal(Method::get, "/admin/api-keys?after=nonsense", ""), testing::Not("accepted"));
}

TEST_F(KeysTest, ChangesWhatAPatchNamesAndEchoesIt) {
  const std::string id = new_key(R"({"name":"alice","token_limit":5,"owner":"b"})");
  const json changed =
      ask(Method::patch, "/admin/api-keys/" + id, R"({"token_limit":null,"usd_limit_day":0.1})");
  EXPECT_TRUE(changed["token_limit"].is_null());
  EXPECT_EQ(changed["usd_limit_day"], 0.1);
  EXPECT_EQ(changed["owner"], "b");
  EXPECT_EQ(changes, 2);
  EXPECT_EQ(stored(id).terms.cost_limits[core::Window::day], 100'000'000);
  EXPECT_EQ(audit()[0].action, "key.update");
  EXPECT_EQ(audit()[0].before, R"({"token_limit":5,"usd_limit_day":null})");
  EXPECT_EQ(audit()[0].after, R"({"token_limit":null,"usd_limit_day":0.1})");
}

TEST_F(KeysTest, RefusesAPatchWholeOrNotAtAll) {
  const std::string id = new_key();
  EXPECT_THAT(refusal(Method::patch, "/admin/api-keys/" + id, R"({"owner":"b","concurrency":0})"),
              HasSubstr("concurrency"));
  EXPECT_EQ(stored(id).owner, "");
  EXPECT_EQ(failure(api.answer(call(Method::patch, "/admin/api-keys/nobody", R"({"owner":"b"})"))),
            ErrorCode::not_found);
}

TEST_F(KeysTest, NamesTheTiersThatThereAre) {
  EXPECT_THAT(refusal(Method::post, "/admin/api-keys", R"({"name":"a","rate_limit_tier":"gold"})"),
              HasSubstr("there is no tier"));
  ask(Method::put, "/admin/tiers/basic", R"({"requests":100})");
  EXPECT_THAT(refusal(Method::post, "/admin/api-keys", R"({"name":"a","rate_limit_tier":"gold"})"),
              HasSubstr("one of basic"));
  new_key(R"({"name":"a","rate_limit_tier":"basic"})");
}

// A key without a rate limit, where no tier is configured for those that name none.
TEST_F(KeysTest, TakesNoEmptyNameForNoTier) {
  EXPECT_THAT(refusal(Method::post, "/admin/api-keys", R"({"name":"a","rate_limit_tier":""})"),
              HasSubstr("rate_limit_tier must be the name of a tier, or null"));
  EXPECT_THAT(refusal(Method::get, "/admin/api-keys?tier=", ""), HasSubstr("tier must be"));
  new_key(R"({"name":"a","rate_limit_tier":null})");
}

TEST_F(KeysTest, KeepsTheOldTextForAWhileAfterARotation) {
  const json created = ask(Method::post, "/admin/api-keys", R"({"name":"alice"})");
  const std::string id = created["id"];
  const json rotated =
      ask(Method::post, "/admin/api-keys/" + id + "/rotate", R"({"grace_seconds":60})");
  EXPECT_NE(rotated["api_key"], created["api_key"]);
  EXPECT_EQ(rotated["previous_secret_valid_until"], "2026-11-23T00:01:00.000Z");
  const core::ApiKey key = stored(id);
  EXPECT_EQ(key.digest, pepper.digest(rotated["api_key"].get<std::string>()));
  EXPECT_EQ(key.former->digest, pepper.digest(created["api_key"].get<std::string>()));

  const json again = ask(Method::post, "/admin/api-keys/" + id + "/rotate");
  EXPECT_EQ(stored(id).former->digest, pepper.digest(rotated["api_key"].get<std::string>()));
  EXPECT_EQ(again["previous_secret_valid_until"], "2026-11-24T00:00:00.000Z");

  ask(Method::post, "/admin/api-keys/" + id + "/rotate", R"({"grace_seconds":0})");
  EXPECT_EQ(stored(id).former, std::nullopt);
}

TEST_F(KeysTest, CreatesSeveralAtOnceAndShowsEachOnce) {
  const json made = ask(Method::post, "/admin/api-keys/batch",
                        R"({"name":"dev","count":12,"token_limit":7,"tags":["course"]})");
  ASSERT_EQ(made["data"].size(), 12u);
  EXPECT_EQ(made["data"][0]["name"], "dev-01");
  EXPECT_EQ(made["data"][11]["name"], "dev-12");
  EXPECT_EQ(made["data"][11]["token_limit"], 7);
  EXPECT_EQ(changes, 1);
  std::set<std::string> texts;
  for (const json& key : made["data"]) {
    const std::string text = key["api_key"];
    EXPECT_TRUE(texts.insert(text).second);
    EXPECT_TRUE(core::verify_secret(text, stored(key["id"]).secret_hash));
  }
  EXPECT_EQ(audit().size(), 12u);
}

TEST_F(KeysTest, IsDoneWithTheLargestBatchLongBeforeACallMayTake) {
  const auto begin = std::chrono::steady_clock::now();
  const json made = ask(Method::post, "/admin/api-keys/batch", R"({"name":"dev","count":500})");
  EXPECT_EQ(made["data"].size(), 500u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, limits::worker_job_wait_max / 2);
}

TEST_F(KeysTest, RecordsEveryChangeWithItsActorAndNoSecret) {
  const std::string id = new_key();
  ask(Method::post, "/admin/api-keys/" + id + "/disable");
  ask(Method::post, "/admin/api-keys/" + id + "/enable");
  ask(Method::post, "/admin/api-keys/" + id + "/rotate");
  ask(Method::delete_, "/admin/api-keys/" + id);
  std::string actions;
  for (const core::AuditEntry& entry : audit()) {
    actions += entry.action + " ";
    EXPECT_EQ(entry.actor, "admin");
    EXPECT_EQ(entry.object, id);
    EXPECT_EQ(entry.name, "alice");
    EXPECT_EQ((entry.before + entry.after).find("$2b$"), std::string::npos);
  }
  EXPECT_EQ(actions, "key.delete key.rotate key.enable key.disable key.create ");
  const json page = ask(Method::get, "/admin/audit?action=key.&limit=2");
  EXPECT_EQ(page["data"][0]["action"], "key.delete");
  EXPECT_TRUE(page["data"][0]["after"].is_null());
  EXPECT_TRUE(page["data"][0]["before"].is_object());
}

}  // namespace
}  // namespace relay::app
