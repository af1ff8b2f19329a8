#include <gmock/gmock.h>

#include "app/admin_fixture.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using http::Method;

struct AccountTest : AdminTest {
  std::optional<ErrorCode> log_in(std::string_view password, std::uint8_t peer = 1) {
    return failure(api.answer(login_call(password, peer)));
  }
  bool lets_in(const std::string& shown) {
    token = shown;
    return api.answer(call(Method::get, "/admin/api-keys")).has_value();
  }
};

TEST_F(AccountTest, GivesATokenForThePassword) {
  const auto body = parse(api.answer(login_call(test_password)));
  EXPECT_EQ(body["token_type"], "bearer");
  EXPECT_EQ(body["expires_in"], 43'200);
  EXPECT_TRUE(lets_in(body["access_token"]));
}

// bcrypt and C strings would both have cut these short.
TEST_F(AccountTest, ComparesAllOfThePassword) {
  EXPECT_EQ(log_in("correct horse batter"), ErrorCode::unauthenticated);
  EXPECT_EQ(log_in(std::string("correct horse battery\0", 22)), ErrorCode::unauthenticated);
  EXPECT_EQ(log_in(test_password + std::string(80, 'x')), ErrorCode::unauthenticated);
}

TEST_F(AccountTest, MakesAGuesserWaitAndNobodyElse) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(log_in("guess"), ErrorCode::unauthenticated);
  const Result<admin::Reply> early = api.answer(login_call(test_password));
  EXPECT_EQ(failure(early), ErrorCode::rate_limited);
  EXPECT_GT(early.error().retry_after, 0s);
  EXPECT_EQ(log_in(test_password, 2), std::nullopt);
  clock.advance(early.error().retry_after);
  EXPECT_EQ(log_in(test_password), std::nullopt);
}

TEST_F(AccountTest, RefusesOtherFormsOfCredentials) {
  EXPECT_EQ(failure(api.answer(admin::command_call(Method::post, "/admin/login", {}))),
            ErrorCode::unauthenticated);
  admin::Call twice = login_call(test_password);
  twice.head.fields.add("authorization", "Basic x");
  EXPECT_EQ(failure(api.answer(twice)), ErrorCode::unauthenticated);
}

TEST_F(AccountTest, RecordsWhoTriedToLogIn) {
  log_in("guess", 7);
  log_in(test_password, 8);
  ASSERT_EQ(audit().size(), 2u);
  EXPECT_EQ(audit()[0].action, "login");
  EXPECT_EQ(audit()[1].action, "login.refused");
  EXPECT_EQ(audit()[1].from.bytes[7], 7);
}

TEST_F(AccountTest, EndsEverySessionOnLogout) {
  const std::string other = sessions.issue(clock.wall());
  ask(Method::post, "/admin/logout");
  EXPECT_FALSE(lets_in(token));
  EXPECT_FALSE(lets_in(other));
  EXPECT_TRUE(lets_in(sessions.issue(clock.wall())));
}

TEST_F(AccountTest, KeepsTheEpochOverARestart) {
  const std::string before = token;
  ask(Method::post, "/admin/logout");
  admin::Sessions later{Secret{"0123456789abcdef0123456789abcdef"}};
  admin::Account same{store, later, Secret{}, clock};
  ASSERT_TRUE(same.open());
  EXPECT_FALSE(later.check(before, clock.wall()));
}

TEST_F(AccountTest, TakesANewPasswordInPlaceOfTheOldOne) {
  const std::string before = token;
  EXPECT_TRUE(ask(Method::post, "/admin/password",
                  R"({"current":"correct horse battery","new":"staple battery horse"})")
                  .is_null());
  EXPECT_FALSE(lets_in(before));
  EXPECT_EQ(log_in(test_password), ErrorCode::unauthenticated);
  EXPECT_EQ(log_in("staple battery horse", 2), std::nullopt);
  EXPECT_EQ(audit().back().action, "password.change");
  EXPECT_EQ(audit().back().after, "");

  admin::Account restarted{store, sessions, Secret{std::string{test_password}}, clock};
  ASSERT_TRUE(restarted.open());
  EXPECT_FALSE(restarted.log_in(login_call(test_password)));
  EXPECT_TRUE(restarted.log_in(login_call("staple battery horse")));
}

TEST_F(AccountTest, AsksForTheCurrentPasswordAndALongNewOne) {
  const auto change = [&](const std::string& body) {
    return failure(api.answer(call(Method::post, "/admin/password", body)));
  };
  EXPECT_EQ(change(R"({"current":"wrong","new":"staple battery horse"})"), ErrorCode::forbidden);
  EXPECT_EQ(change(R"({"new":"staple battery horse"})"), ErrorCode::forbidden);
  EXPECT_EQ(change(R"({"current":"correct horse battery","new":"short"})"),
            ErrorCode::invalid_request);
  EXPECT_EQ(change(R"({"current":"correct horse battery","new":"密码密码密码"})"),
            ErrorCode::invalid_request);  // 18 bytes, but six characters.
  EXPECT_EQ(log_in(test_password), std::nullopt);
}

// Whoever has SECRET_KEY can sign sessions anyway.
TEST_F(AccountTest, LetsACommandOnThisHostSetThePasswordWithoutTheOldOne) {
  EXPECT_TRUE(api.answer_command(
      admin::command_call(Method::post, "/admin/password", R"({"new":"staple battery horse"})")));
  EXPECT_EQ(log_in("staple battery horse"), std::nullopt);
}

TEST_F(AccountTest, LetsAnAdminTokenInUntilItIsDeletedOrExpires) {
  const auto made = ask(Method::post, "/admin/tokens", R"({"name":"ci","expires_in_days":1})");
  const std::string text = made["token"];
  const std::string session = token;
  EXPECT_TRUE(lets_in(text));
  new_key();
  EXPECT_EQ(audit().front().actor, "token ci");
  EXPECT_EQ(ask(Method::get, "/admin/tokens")["data"][0]["last_used_at"],
            "2026-11-23T00:00:00.000Z");
  clock.advance(24h);
  EXPECT_FALSE(lets_in(text));
  clock.advance(-1h);
  EXPECT_TRUE(lets_in(text));
  ask(Method::delete_, "/admin/tokens/" + made["id"].get<std::string>());
  EXPECT_FALSE(lets_in(text));
  clock.advance(-23h);
  EXPECT_TRUE(lets_in(session));
}

TEST_F(AccountTest, NeverShowsATokenTwiceNorItsDigest) {
  const std::string text = ask(Method::post, "/admin/tokens", R"({"name":"ci"})")["token"];
  EXPECT_EQ(ask(Method::get, "/admin/tokens").dump().find(text), std::string::npos);
  for (const core::AuditEntry& entry : audit()) {
    EXPECT_EQ(entry.after.find(text), std::string::npos);
  }
}

TEST_F(AccountTest, RefusesAForgedAdminToken) {
  const std::string forged{core::generate_admin_token().reveal()};
  EXPECT_FALSE(lets_in(forged));
  EXPECT_FALSE(lets_in("sk-admin-"));
}

}  // namespace
}  // namespace relay::app
