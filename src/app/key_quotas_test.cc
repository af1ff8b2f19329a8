#include "app/key_quotas.h"

#include "admin/user_api.h"
#include "app/admin_fixture.h"
#include "app/key_directory.h"
#include "base/rfc3339.h"
#include "store/store_fixture.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using http::Method;
using nlohmann::json;

struct QuotaTest : AdminTest {
  QuotaTest() {
    clock.set_wall(parse_rfc3339("2026-11-25T12:00:00Z").value());
    token = sessions.issue(clock.wall());
  }

  // The quota of the one key that there is.
  json quota() {
    EXPECT_TRUE(directory.refresh());
    admin::Call call = admin::command_call(Method::get, "/api/usage/quota", {});
    call.key = key();
    return parse(user.answer(call));
  }
  core::KeyId key() { return store.all_keys().value().front().id; }
  core::Grant take(core::Hold hold, bool is_count_tokens = false) {
    EXPECT_TRUE(directory.refresh());
    const auto keys = table.snapshot();
    const exchange::KeyEntry& entry = keys->keys().front();
    auto grant = entry.allowance->take(entry.allowed,
                                       {.hold = hold,
                                        .is_count_tokens = is_count_tokens,
                                        .periods = core::periods_at(zone, clock.wall()),
                                        .wall = clock.wall()},
                                       clock);
    EXPECT_TRUE(grant);
    return grant ? std::move(*grant) : core::Grant{};
  }

  TimeZone zone = TimeZone::find("Asia/Shanghai").value();
  exchange::KeyTable table;
  KeyDirectory directory{store, pepper, table, clock, {.time_zone = zone}};
  KeyQuotas quotas{table, zone, clock};
  admin::UserApi user{store, zone, clock, quotas};
};

TEST_F(QuotaTest, OfAKeyWithoutLimitsShowsWhatItUsed) {
  new_key();
  take({}).settle({.input = 100, .output = 20}, 7'000'000'001);
  const json shown = quota();
  for (const char* const window : {"total", "5h", "day", "week", "month"}) {
    EXPECT_TRUE(shown["tokens"][window]["limit"].is_null()) << window;
    EXPECT_TRUE(shown["tokens"][window]["remaining"].is_null()) << window;
    EXPECT_EQ(shown["tokens"][window]["used"], 120) << window;
    EXPECT_EQ(shown["usd"][window]["used"], 7.000000001) << window;
  }
  for (const char* const rate : {"requests", "count_tokens", "tokens"}) {
    EXPECT_TRUE(shown["rate"][rate].is_null()) << rate;
  }
  EXPECT_EQ(shown["concurrency"], json({{"limit", nullptr}, {"running", 0}}));
  EXPECT_TRUE(shown["expires_at"].is_null());
}

TEST_F(QuotaTest, ShowsWhatIsUsedHeldAndLeft) {
  new_key(R"({"name":"a","token_limit":1000,"usd_limit_day":0.5,"concurrency":3})");
  take({600, 100'000'000}).settle({.input = 100}, 200'000'000);
  const core::Grant running = take({300, 50'000'000});
  const json shown = quota();
  EXPECT_EQ(
      shown["tokens"]["total"],
      json(
          {{"limit", 1000}, {"used", 100}, {"held", 300}, {"remaining", 600}, {"reset", nullptr}}));
  EXPECT_EQ(shown["usd"]["day"], json({{"limit", 0.5},
                                       {"used", 0.2},
                                       {"held", 0.05},
                                       {"remaining", 0.25},
                                       {"reset", "2026-11-25T16:00:00.000Z"}}));
  EXPECT_EQ(shown["concurrency"], json({{"limit", 3}, {"running", 1}}));
}

TEST_F(QuotaTest, SaysWhenEachWindowBeginsAnew) {
  new_key();
  take({}).settle({.input = 1}, 0);
  const json tokens = quota()["tokens"];
  EXPECT_TRUE(tokens["total"]["reset"].is_null());
  EXPECT_EQ(tokens["5h"]["reset"], "2026-11-25T17:15:00.000Z");
  EXPECT_EQ(tokens["day"]["reset"], "2026-11-25T16:00:00.000Z");
  EXPECT_EQ(tokens["week"]["reset"], "2026-11-29T16:00:00.000Z");
  EXPECT_EQ(tokens["month"]["reset"], "2026-11-30T16:00:00.000Z");
}

// Days, weeks and months begin anew even so.
TEST_F(QuotaTest, SaysNoTimeForTheLastFiveHoursWhereNothingIsInThem) {
  new_key(R"({"name":"a","token_limit_5h":1000})");
  EXPECT_TRUE(quota()["tokens"]["5h"]["reset"].is_null());
  EXPECT_EQ(quota()["tokens"]["day"]["reset"], "2026-11-25T16:00:00.000Z");
  const core::Grant running = take({300, 0});
  EXPECT_EQ(quota()["tokens"]["5h"]["reset"], "2026-11-25T17:15:00.000Z");
  clock.set_wall(clock.wall() + 6h);
  EXPECT_TRUE(quota()["tokens"]["5h"]["reset"].is_null());
}

TEST_F(QuotaTest, ShowsTheRatesOfTheTier) {
  ask(Method::put, "/admin/tiers/gold",
      R"({"requests":4,"period_seconds":60,"tokens_per_minute":600,"count_tokens_requests":9})");
  new_key(R"({"name":"a","rate_limit_tier":"gold"})");
  take({10, 0}).settle({.input = 60}, 0);
  const json rate = quota()["rate"];
  EXPECT_EQ(rate["requests"], json({{"limit", 4},
                                    {"period_seconds", 60},
                                    {"remaining", 3},
                                    {"reset", "2026-11-25T12:00:15.000Z"}}));
  EXPECT_EQ(rate["count_tokens"]["remaining"], 9);
  EXPECT_EQ(rate["tokens"], json({{"limit", 600},
                                  {"period_seconds", 60},
                                  {"remaining", 540},
                                  {"reset", "2026-11-25T12:00:06.000Z"}}));
}

TEST_F(QuotaTest, IsThereWhenNothingIsLeftAndWhenTheKeyHasExpired) {
  new_key(R"({"name":"a","token_limit":10,"days_from_first_use":1})");
  EXPECT_TRUE(quota()["expires_at"].is_null()) << "not used yet";
  take({10, 0}).settle({.input = 15}, 0);
  clock.set_wall(clock.wall() + 48h);
  const json shown = quota();
  EXPECT_EQ(shown["tokens"]["total"]["used"], 15);
  EXPECT_EQ(shown["tokens"]["total"]["remaining"], 0);
  EXPECT_EQ(shown["expires_at"], "2026-11-26T12:00:00.000Z");
}

TEST_F(QuotaTest, IsOfNobodyElse) {
  const std::string gone = new_key();
  const core::KeyId id = key();
  ask(Method::delete_, "/admin/api-keys/" + gone);
  new_key(R"({"name":"b"})");
  ASSERT_TRUE(directory.refresh());
  admin::Call call = admin::command_call(Method::get, "/api/usage/quota", {});
  call.key = id;
  EXPECT_EQ(parse(user.answer(call))["failed"], static_cast<int>(ErrorCode::unauthenticated));
  call = admin::command_call(Method::get, "/api/usage/quota?key=x", {});
  call.key = key();
  EXPECT_EQ(parse(user.answer(call))["failed"], static_cast<int>(ErrorCode::invalid_request));
}

}  // namespace
}  // namespace relay::app
