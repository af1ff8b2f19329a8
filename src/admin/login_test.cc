#include "admin/login.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "admin/base64.h"

namespace relay::admin {
namespace {

using namespace std::chrono_literals;

struct LoginTest : testing::Test {
  ManualClock clock;
  Sessions sessions{Secret{"0123456789abcdef0123456789abcdef"}};
  Login login{sessions, Secret{"correct horse battery"}, clock};

  static Call call(std::string_view password, std::uint8_t peer = 1) {
    Call made;
    made.head.fields.add("authorization", "Basic " + base64("admin:" + std::string{password}));
    made.peer.bytes[15] = peer;
    return made;
  }
  ErrorCode refusal(const Call& made) { return login.log_in(made).error().code; }
};

TEST_F(LoginTest, GivesATokenForThePassword) {
  const Result<Reply> reply = login.log_in(call("correct horse battery"));
  ASSERT_TRUE(reply);
  const auto body = nlohmann::json::parse(reply->body);
  EXPECT_EQ(body["token_type"], "bearer");
  EXPECT_EQ(body["expires_in"], session_lifetime.count());
  EXPECT_TRUE(sessions.check(body["access_token"].get<std::string>(), clock.wall()));
}

// bcrypt and C strings would both have cut these short.
TEST_F(LoginTest, ComparesAllOfThePassword) {
  EXPECT_EQ(refusal(call("correct horse batter")), ErrorCode::unauthenticated);
  EXPECT_EQ(refusal(call(std::string("correct horse battery\0", 22))), ErrorCode::unauthenticated);
  EXPECT_EQ(refusal(call(std::string("correct horse battery") + std::string(80, 'x'))),
            ErrorCode::unauthenticated);
}

TEST_F(LoginTest, MakesAGuesserWaitAndNobodyElse) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(refusal(call("guess")), ErrorCode::unauthenticated);
  const Result<Reply> early = login.log_in(call("correct horse battery"));
  EXPECT_EQ(early.error().code, ErrorCode::rate_limited);
  EXPECT_GT(early.error().retry_after, 0s);
  EXPECT_TRUE(login.log_in(call("correct horse battery", 2)));

  clock.advance(early.error().retry_after);
  EXPECT_TRUE(login.log_in(call("correct horse battery")));
}

TEST_F(LoginTest, AdmitsFewGuessesInAMinute) {
  int looked_at = 0;
  for (int i = 0; i < 1'000; ++i) {
    looked_at += refusal(call("guess")) == ErrorCode::unauthenticated;
    clock.advance(60ms);
  }
  EXPECT_LE(looked_at, 20);
}

TEST_F(LoginTest, RefusesOtherFormsOfCredentials) {
  Call none;
  EXPECT_EQ(refusal(none), ErrorCode::unauthenticated);
  Call twice = call("correct horse battery");
  twice.head.fields.add("authorization", "Basic x");
  EXPECT_EQ(refusal(twice), ErrorCode::unauthenticated);
}

}  // namespace
}  // namespace relay::admin
