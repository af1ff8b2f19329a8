#include <gmock/gmock.h>

#include "admin/usage_report.h"
#include "admin/user_api.h"
#include "app/admin_fixture.h"
#include "app/key_quotas.h"
#include "base/rfc3339.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using http::Method;
using nlohmann::json;
using testing::ElementsAre;

struct ReportsTest : AdminTest {
  const TimeZone zone = TimeZone::find("Asia/Shanghai").value();
  exchange::KeyTable table;
  KeyQuotas quotas{table, zone, clock};
  admin::UserApi user{store, zone, clock, quotas};
  std::string alice = new_key(R"({"name":"alice","tags":["a","b"]})");
  std::string bob = new_key(R"({"name":"bob"})");
  std::uint32_t entries = 0;

  core::KeyId id_of(const std::string& uuid) { return store.find_key(uuid)->id; }
  void spend(const std::string& key, std::string_view started, core::Usage usage,
             core::NanoUsd cost, std::string_view model = "claude-opus-5-5") {
    core::LedgerEntry entry = store::entry(++entries, id_of(key), usage);
    entry.started = parse_rfc3339(started).value();
    entry.cost = cost;
    entry.served_model = model;
    ASSERT_TRUE(store.append({&entry, 1}, {}));
  }
  json ask_user(const std::string& target, const std::string& key) {
    admin::Call made = admin::command_call(Method::get, target, {});
    made.key = id_of(key);
    return parse(user.answer(made));
  }
  json usage(const std::string& query) { return ask(Method::get, "/admin/usage?" + query); }
};

TEST_F(ReportsTest, AddUpToTheirTotals) {
  spend(alice, "2026-11-22T10:00:00Z", {.input = 1, .output = 2}, 30);
  spend(bob, "2026-11-22T11:30:00Z", {.input = 4, .cache_read = 5}, 1);
  const json report = usage("bucket=hour&by=key");
  ASSERT_EQ(report["data"].size(), 2u) << report;
  EXPECT_EQ(report["data"][0]["start"], "2026-11-22T10:00:00.000Z");
  EXPECT_EQ(report["data"][0]["key_name"], "alice");
  EXPECT_EQ(report["data"][0]["cost_nano_usd"], 30);
  EXPECT_EQ(report["data"][1]["key_id"], bob);
  EXPECT_EQ(report["totals"]["input_tokens"], 5);
  EXPECT_EQ(report["totals"]["cost_nano_usd"], 31);
  EXPECT_EQ(report["totals"]["requests"], 2);
}

TEST_F(ReportsTest, CutDaysWhereTheZoneDoes) {
  spend(alice, "2026-11-22T15:59:59Z", {.input = 1}, 0);
  spend(alice, "2026-11-22T16:00:00Z", {.input = 10}, 0);
  const json shanghai = usage("bucket=day&tz=Asia/Shanghai");
  ASSERT_EQ(shanghai["data"].size(), 2u);
  EXPECT_EQ(shanghai["data"][0]["start"], "2026-11-21T16:00:00.000Z");
  EXPECT_EQ(shanghai["data"][1]["input_tokens"], 10);
  EXPECT_EQ(usage("bucket=day&tz=UTC")["data"].size(), 1u);
  EXPECT_EQ(usage("bucket=month&tz=UTC")["data"][0]["input_tokens"], 11);
}

// In a zone that is not whole hours from UTC, an hour of the store is in two days.
TEST_F(ReportsTest, CutDaysInsideAnHour) {
  spend(alice, "2026-11-22T18:29:59Z", {.input = 1}, 0);
  spend(alice, "2026-11-22T18:30:00Z", {.input = 10}, 0);
  for (const char* const bucket : {"day", "hour"}) {
    const json kolkata = usage("tz=Asia/Kolkata&bucket=" + std::string{bucket});
    ASSERT_EQ(kolkata["data"].size(), 2u) << bucket;
    EXPECT_EQ(kolkata["data"][1]["start"], "2026-11-22T18:30:00.000Z");
    EXPECT_EQ(kolkata["data"][1]["input_tokens"], 10);
  }
}

// Sums outlive the entries they were made of, but for the hours in which a day begins.
TEST(UsageReport, KeepsSumsOfDaysInsideAnHourWhenEntriesAreRemoved) {
  const store::TemporaryDirectory directory;
  const SystemClock clock;
  const auto store = store::SqliteStore::open(directory.path() / "relay.db", clock).value();
  const core::KeyId key = store::create_one(*store, store::named("alice")).id;
  const WallTime begin = parse_rfc3339("2026-08-31T18:30:00Z").value();
  for (int day = 0; day < 30; ++day) {
    core::LedgerEntry entry =
        store::entry(static_cast<std::uint32_t>(day), key, core::Usage{.input = 10});
    entry.started = begin + day * 24h + 5h;
    ASSERT_TRUE(store->append({&entry, 1}, {}));
  }
  const TimeZone zone = TimeZone::find("Asia/Kolkata").value();
  const admin::Period month{.from = begin, .to = begin + 30 * 24h};
  const auto input_by = [&](admin::Cut cut) {
    std::vector<core::TokenCount> input;
    const admin::UsageQuestion question{.period = month, .cut = cut, .zone = zone};
    const auto groups = admin::usage_groups(*store, question).value();
    for (const core::UsageGroup& group : groups) {
      input.push_back(group.sums.usage.input);
    }
    return input;
  };
  ASSERT_EQ(store->forget_entries(month.to, 1'000).value(), 30);
  EXPECT_THAT(input_by(admin::Cut::month), ElementsAre(300));
  EXPECT_EQ(input_by(admin::Cut::day), std::vector<core::TokenCount>(30, 10));
}

TEST_F(ReportsTest, CountATagForEachKeyThatHasItAndTheTotalOnce) {
  spend(alice, "2026-11-22T10:00:00Z", {.input = 1}, 5);
  const json report = usage("by=tag");
  EXPECT_EQ(report["data"].size(), 2u);
  EXPECT_EQ(report["totals"]["cost_nano_usd"], 5);
}

TEST_F(ReportsTest, RefuseWhatTheyCannotAnswer) {
  for (const char* const query :
       {"by=day", "by=key,key", "by=key,model,tag", "bucket=week", "tz=Mars/Olympus", "key=nobody",
        "outcome=lost", "bucket=hour&from=2020-01-01", "page=2", "tier="}) {
    EXPECT_EQ(usage(query)["failed"], static_cast<int>(ErrorCode::invalid_request)) << query;
  }
}

// An empty value is what a shell makes of a variable that is not set.
TEST_F(ReportsTest, TakeNoPeriodThatEndsBeforeItBeginsOrIsLeftEmpty) {
  for (const char* const path : {"/admin/usage?", "/admin/logs?", "/admin/audit?"}) {
    for (const char* const query :
         {"from=2026-11-22&to=2026-11-21", "from=2026-11-22&to=", "from="}) {
      EXPECT_EQ(ask(Method::get, std::string{path} + query)["failed"],
                static_cast<int>(ErrorCode::invalid_request))
          << path << query;
    }
  }
}

TEST_F(ReportsTest, ShowExchangesNewestFirstAndPageByPage) {
  for (int i = 0; i < 5; ++i) spend(i % 2 ? bob : alice, "2026-11-22T10:00:00Z", {.input = i}, i);
  const json first = ask(Method::get, "/admin/logs?limit=2");
  EXPECT_EQ(first["data"][0]["input_tokens"], 4);
  EXPECT_EQ(first["data"][0]["key_name"], "alice");
  spend(bob, "2026-11-22T10:00:00Z", {}, 0);
  const json second =
      ask(Method::get, "/admin/logs?limit=2&after=" + first["next"].get<std::string>());
  EXPECT_EQ(second["data"][0]["input_tokens"], 2);
  EXPECT_EQ(ask(Method::get, "/admin/logs?key=" + bob)["data"].size(), 3u);
  EXPECT_EQ(ask(Method::get, "/admin/logs?cost_min_usd=0.000000003")["data"].size(), 2u);
  EXPECT_EQ(ask(Method::get, "/admin/logs?status=5xx")["data"].size(), 0u);
}

TEST_F(ReportsTest, ShowWhatADeletedKeyHasUsed) {
  spend(alice, "2026-11-22T10:00:00Z", {.input = 1}, 0);
  spend(bob, "2026-11-22T10:00:00Z", {.input = 2}, 0);
  ask(Method::delete_, "/admin/api-keys/" + alice);
  EXPECT_EQ(ask(Method::get, "/admin/logs?key=" + alice)["data"].size(), 1u);
  EXPECT_EQ(usage("key=" + alice)["totals"]["input_tokens"], 1);
}

TEST_F(ReportsTest, ShowAKeyItsOwnExchangesOnly) {
  spend(alice, "2026-11-22T10:00:00Z", {.input = 1}, 0);
  spend(bob, "2026-11-22T10:00:00Z", {.input = 2}, 0);
  const json own = ask_user("/api/usage/logs", bob);
  ASSERT_EQ(own["data"].size(), 1u);
  EXPECT_EQ(own["data"][0]["input_tokens"], 2);
  EXPECT_FALSE(own["data"][0].contains("upstream"));
  EXPECT_TRUE(ask_user("/api/usage/logs?key=" + alice, bob).contains("failed"));
  EXPECT_TRUE(ask_user("/api/usage/logs?tag=a", bob).contains("failed"));
}

TEST_F(ReportsTest, ShowAKeyEveryDayOfThePeriod) {
  spend(alice, "2026-11-22T15:59:59Z", {.input = 1}, 2, "claude-opus-5-5");
  spend(alice, "2026-11-22T16:00:00Z", {.input = 10}, 3, "claude-haiku-5-5");
  const json daily =
      ask_user("/api/usage/daily?from=2026-11-21&to=2026-11-23&by_model=true", alice);
  ASSERT_EQ(daily["data"].size(), 3u) << daily;
  EXPECT_EQ(daily["time_zone"], "Asia/Shanghai");
  EXPECT_EQ(daily["data"][0]["date"], "2026-11-21");
  EXPECT_EQ(daily["data"][0]["requests"], 0);
  EXPECT_EQ(daily["data"][1]["input_tokens"], 1);
  EXPECT_EQ(daily["data"][2]["models"][0]["model"], "claude-haiku-5-5");
  EXPECT_EQ(daily["totals"]["cost_nano_usd"], 5);
  EXPECT_EQ(ask_user("/api/usage/daily", alice)["data"].size(), 30u);
}

TEST_F(ReportsTest, AgreeWithEachOther) {
  for (int i = 1; i <= 50; ++i) {
    spend(alice,
          "2026-11-" + std::to_string(10 + i % 10) + "T0" + std::to_string(i % 10) + ":30:00Z",
          {.input = i, .output = 3 * i}, 7 * i);
  }
  const json total = ask_user("/api/usage", alice);
  const json daily = ask_user("/api/usage/daily?from=2026-11-01", alice)["totals"];
  const json report = usage("from=2026-11-01&by=model&key=" + alice)["totals"];
  for (const char* const member : {"total_tokens", "cost_nano_usd", "requests"}) {
    EXPECT_EQ(total[member], daily[member]) << member;
    EXPECT_EQ(total[member], report[member]) << member;
  }
}

}  // namespace
}  // namespace relay::app
