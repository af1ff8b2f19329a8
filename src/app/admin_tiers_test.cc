#include "app/admin_fixture.h"

namespace relay::app {
namespace {

using http::Method;
using nlohmann::json;

struct TiersTest : AdminTest {
  Result<void> configure(std::vector<core::Tier> tiers) {
    return admin::put_configured_tiers(store, tiers, clock.wall());
  }
  static core::Tier tier(std::string name, std::int64_t requests) {
    return {.name = std::move(name), .requests = requests, .is_configured = true};
  }
  json get(const std::string& name) { return ask(Method::get, "/admin/tiers/" + name); }
};

TEST_F(TiersTest, ArePutShownAndDeletedLive) {
  const json put = ask(Method::put, "/admin/tiers/gold",
                       R"({"requests":10,"period_seconds":1,"tokens_per_minute":5})");
  EXPECT_EQ(put["requests"], 10);
  EXPECT_TRUE(put["count_tokens_requests"].is_null());
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(get("gold"), put);
  EXPECT_EQ(ask(Method::get, "/admin/tiers")["data"].size(), 1u);
  ask(Method::delete_, "/admin/tiers/gold");
  EXPECT_EQ(changes, 2);
  EXPECT_EQ(get("gold")["failed"], static_cast<int>(ErrorCode::not_found));
  EXPECT_EQ(audit()[0].action, "tier.delete");
}

TEST_F(TiersTest, RefuseWhatIsNone) {
  for (const auto& [name, body] :
       std::vector<std::pair<std::string, std::string>>{{"a.b", "{}"},
                                                        {"gold", R"({"requests":0})"},
                                                        {"gold", R"({"period_seconds":0})"},
                                                        {"gold", R"({"period_seconds":1.5})"},
                                                        {"gold", R"({"speed":1})"},
                                                        {std::string(32, 'a'), "{}"}}) {
    EXPECT_EQ(ask(Method::put, "/admin/tiers/" + name, body)["failed"],
              static_cast<int>(ErrorCode::invalid_request))
        << name << body;
  }
}

TEST_F(TiersTest, StayWhileKeysAreInThem) {
  ask(Method::put, "/admin/tiers/gold", R"({"requests":10})");
  const std::string id = new_key(R"({"name":"a","rate_limit_tier":"gold"})");
  EXPECT_EQ(ask(Method::delete_, "/admin/tiers/gold")["failed"],
            static_cast<int>(ErrorCode::conflict));
  ask(Method::patch, "/admin/api-keys/" + id, R"({"rate_limit_tier":null})");
  EXPECT_TRUE(ask(Method::delete_, "/admin/tiers/gold").is_null());
}

TEST_F(TiersTest, FollowTheConfigurationUntilTheyAreChangedHere) {
  ASSERT_TRUE(configure({tier("basic", 100), tier("premium", 1'000)}));
  ASSERT_TRUE(configure({tier("basic", 50), tier("premium", 1'000)}));
  EXPECT_EQ(get("basic")["requests"], 50);
  ask(Method::put, "/admin/tiers/basic", R"({"requests":7})");
  ASSERT_TRUE(configure({tier("basic", 50)}));
  EXPECT_EQ(get("basic")["requests"], 7);
  EXPECT_EQ(get("basic")["is_configured"], false);
  EXPECT_TRUE(get("premium").contains("failed"));
}

TEST_F(TiersTest, ThatAreConfiguredNoMoreStayForTheKeysInThem) {
  ASSERT_TRUE(configure({tier("basic", 100)}));
  new_key(R"({"name":"a","rate_limit_tier":"basic"})");
  ASSERT_TRUE(configure({}));
  EXPECT_EQ(get("basic")["requests"], 100);
}

TEST_F(TiersTest, AreRecordedOnceWhenNothingChanges) {
  ASSERT_TRUE(configure({tier("basic", 100)}));
  ASSERT_TRUE(configure({tier("basic", 100)}));
  ASSERT_EQ(audit().size(), 1u);
  EXPECT_EQ(audit()[0].actor, "configuration");
}

}  // namespace
}  // namespace relay::app
