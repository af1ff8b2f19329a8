#include <gmock/gmock.h>

#include <set>

#include "admin/openapi.h"
#include "admin/user_api.h"
#include "app/admin_fixture.h"
#include "app/key_quotas.h"
#include "app/paths.h"

namespace relay::app {
namespace {

using admin::Access;
using http::Method;
using nlohmann::json;

struct GuardTest : AdminTest {
  std::optional<ErrorCode> with_field(std::string_view name, std::string_view value) {
    admin::Call made = call(Method::get, "/admin/api-keys");
    made.head.fields.add("host", "relay.example");
    made.head.fields.add(name, value);
    return failure(api.answer(made));
  }
};

TEST_F(GuardTest, AsksEverybodyWhoTheyAreBeforeItSaysAnything) {
  token.clear();
  for (const admin::Route& route : api.routes().all()) {
    if (route.access == Access::everybody) continue;
    std::string path{route.pattern};
    if (const auto brace = path.find('{'); brace != path.npos) path = path.substr(0, brace) + "x";
    EXPECT_EQ(failure(api.answer(call(route.method, path))), ErrorCode::unauthenticated) << path;
  }
  EXPECT_EQ(failure(api.answer(call(Method::get, "/admin/nothing"))), ErrorCode::unauthenticated);
}

TEST_F(GuardTest, RefusesPagesOfOtherSites) {
  EXPECT_EQ(with_field("sec-fetch-site", "cross-site"), ErrorCode::forbidden);
  EXPECT_EQ(with_field("origin", "https://evil.example"), ErrorCode::forbidden);
  EXPECT_EQ(with_field("origin", "https://relay.example.evil.example"), ErrorCode::forbidden);
  EXPECT_EQ(with_field("origin", "null"), ErrorCode::forbidden);
  EXPECT_EQ(with_field("origin", "https://relay.example"), std::nullopt);
  EXPECT_EQ(with_field("sec-fetch-site", "same-origin"), std::nullopt);
}

TEST_F(GuardTest, TakesJsonThatSaysSoOnly) {
  for (const char* const type : {"text/plain", "application/x-www-form-urlencoded", ""}) {
    admin::Call made = admin::command_call(Method::post, "/admin/api-keys", R"({"name":"a"})");
    made.head.fields.add("authorization", "Bearer " + token);
    if (*type != '\0') made.head.fields.add("content-type", type);
    EXPECT_EQ(failure(api.answer(made)), ErrorCode::invalid_request) << type;
  }
  EXPECT_EQ(store.all_keys()->size(), 0u);
}

TEST_F(GuardTest, TakesOneBearerTokenAndNothingElse) {
  const std::vector<std::string> values = {"Basic " + token, token, "Bearer", "Bearer  " + token};
  for (const std::string& value : values) {
    admin::Call made = admin::command_call(Method::get, "/admin/api-keys", {});
    made.head.fields.add("authorization", value);
    EXPECT_EQ(failure(api.answer(made)), ErrorCode::unauthenticated) << value;
  }
  admin::Call twice = call(Method::get, "/admin/api-keys");
  twice.head.fields.add("authorization", "Bearer " + token);
  EXPECT_EQ(failure(api.answer(twice)), ErrorCode::unauthenticated);
}

TEST_F(GuardTest, ChangesNothingOnGet) {
  const std::string id = new_key();
  for (const char* const target :
       {"/rotate", "/disable", "/enable", "?name=x", "/rotate?grace_seconds=0"}) {
    ask(Method::get, "/admin/api-keys/" + id + target);
  }
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(audit().size(), 1u);
}

TEST_F(GuardTest, LetsNoCacheKeepAnAnswer) {
  for (const Result<admin::Reply>& reply :
       {api.answer(call(Method::post, "/admin/api-keys", R"({"name":"a"})")),
        api.answer(call(Method::get, "/admin/audit")),
        api.answer(call(Method::post, "/admin/logout"))}) {
    ASSERT_TRUE(reply);
    EXPECT_THAT(reply->head.fields, testing::HasSubstr("cache-control: no-store"));
    EXPECT_THAT(reply->head.fields, testing::HasSubstr("referrer-policy: no-referrer"));
  }
}

// Operations of the contract and routes of the relay, as "get /admin/tiers".
std::string lower(std::string_view method) {
  std::string text{method};
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

TEST_F(GuardTest, HasEveryRouteInTheContractAndNoOther) {
  const exchange::KeyTable keys;
  KeyQuotas quotas{keys, {}, clock};
  const admin::UserApi user{store, {}, clock, quotas};
  std::set<std::string> routes;
  for (const auto* const table : {&api.routes(), &user.routes()}) {
    for (const admin::Route& route : table->all()) {
      routes.insert(lower(http::to_string(route.method)) + " " + std::string{route.pattern});
    }
  }
  for (const char* const path : {"/health", "/ready", "/metrics", "/openapi.json"}) {
    EXPECT_NE(route_of(Method::get, path), Route::forward);
    routes.insert(std::string{"get "} + path);
  }
  std::set<std::string> operations;
  const json contract = json::parse(admin::openapi_json());
  for (const auto& [path, item] : contract["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      if (method != "parameters") operations.insert(method + " " + path);
    }
  }
  EXPECT_EQ(routes, operations);
}

// In the query of an operation, as the contract has it.
bool has_parameters(const json& contract, const json& operation) {
  for (const json& listed : operation.value("parameters", json::array())) {
    const std::string name = listed.value("$ref", "");
    const json& parameter = name.empty() ? listed : contract.at(json::json_pointer{name.substr(1)});
    if (parameter["in"] == "query") return true;
  }
  return false;
}

// A route that takes a body or parameters says so in the contract, and the other way round.
TEST_F(GuardTest, TakesWhatTheContractSays) {
  const json contract = json::parse(admin::openapi_json());
  for (const admin::Route& route : api.routes().all()) {
    const json& operation =
        contract["paths"][std::string{route.pattern}][lower(http::to_string(route.method))];
    EXPECT_EQ(operation.contains("requestBody"), route.takes == admin::Takes::body)
        << route.pattern;
    EXPECT_EQ(has_parameters(contract, operation), route.takes == admin::Takes::parameters)
        << route.pattern;
    const bool is_open =
        operation.contains("security") && operation["security"][0].contains("password");
    EXPECT_EQ(is_open, route.access == Access::everybody) << route.pattern;
  }
}

}  // namespace
}  // namespace relay::app
