#include <gmock/gmock.h>

#include <thread>

#include "app/admin_fixture.h"
#include "app/key_directory.h"
#include "base/rfc3339.h"
#include "core/allowance_view.h"
#include "store/store_fixture.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using http::Method;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::string row(const std::string& model, int dollars, const std::string& more = {}) {
  const std::string rate = std::to_string(dollars);
  return R"({"models":[")" + model + R"("],"input":)" + rate + R"(,"output":)" + rate +
         R"(,"cache_write_5m":)" + rate + R"(,"cache_write_1h":)" + rate + R"(,"cache_read":)" +
         rate + more + "}";
}

struct PricesTest : AdminTest {
  PricesTest() {
    core::PriceRow built_in;
    built_in.models = {"built-in"};
    built_in.rates = {1, 1, 1, 1, 1};
    configured_prices.rows = {built_in};
    EXPECT_TRUE(price_directory.refresh());
  }

  json put(const std::string& rows) {
    return ask(Method::put, "/admin/prices", R"({"data":[)" + rows + "]}");
  }
  json reprice(const std::string& query) {
    return ask(Method::post, "/admin/prices/reprice?" + query);
  }
  core::NanoUsd input_rate(const char* model) {
    const auto table = prices.snapshot();
    const core::PriceRow* const found = table->find(model, clock.wall());
    return found == nullptr ? -1 : found->rates.input;
  }
  void spend(const std::string& key, std::uint32_t number, core::TokenCount tokens,
             std::string_view started = "2026-11-22T10:00:00Z") {
    core::LedgerEntry entry =
        store::entry(number, store.find_key(key)->id, core::Usage{.input = tokens});
    entry.started = parse_rfc3339(started).value();
    entry.cost = 0;
    entry.is_unpriced = true;
    entry.served_model = std::string_view{"m"};
    ASSERT_TRUE(store.append({&entry, 1}, {}));
  }
};

TEST_F(PricesTest, AreShownWithTheirOrigin) {
  const json listed = ask(Method::get, "/admin/prices");
  ASSERT_EQ(listed["data"].size(), 1u) << listed;
  EXPECT_THAT(listed["data"][0]["models"], ElementsAre("built-in"));
  EXPECT_EQ(listed["data"][0]["origin"], "embedded");
}

TEST_F(PricesTest, ArePutAndHoldAtOnce) {
  const json answer = put(row("m", 2) + "," + row("built-in", 3));
  EXPECT_EQ(answer["data"].size(), 3u) << answer;
  EXPECT_EQ(answer, ask(Method::get, "/admin/prices"));
  EXPECT_EQ(input_rate("m"), 2 * core::nano_usd_per_usd);
  EXPECT_EQ(input_rate("built-in"), 3 * core::nano_usd_per_usd);
  EXPECT_EQ(put("")["data"].size(), 1u);
  EXPECT_EQ(input_rate("m"), -1);
  EXPECT_EQ(input_rate("built-in"), 1);
}

TEST_F(PricesTest, AreSetOneByOne) {
  put(row("m", 2, R"(,"valid_from":"2026-11-01")"));
  const json answer = ask(Method::post, "/admin/prices", row("m", 3));
  EXPECT_EQ(answer["data"].size(), 3u) << answer;
  EXPECT_EQ(answer, ask(Method::get, "/admin/prices"));
  EXPECT_EQ(input_rate("m"), 3 * core::nano_usd_per_usd);
  clock.set_wall(parse_rfc3339("2026-11-22T00:00:00Z").value());
  EXPECT_EQ(input_rate("m"), 2 * core::nano_usd_per_usd);
  EXPECT_EQ(audit().front().action, "price.set");
  for (const std::string& wrong : {row("m", 3, R"(,"origin":"file")"), row("m", 3, R"(,"us":11)"),
                                   std::string{"[]"}, row("m", 3, R"(,"valid_to":"2026-11-01")")}) {
    EXPECT_EQ(ask(Method::post, "/admin/prices", wrong)["failed"],
              static_cast<int>(ErrorCode::invalid_request))
        << wrong;
  }
}

TEST_F(PricesTest, LoseNothingThatSeveralSetAtOnce) {
  std::vector<std::jthread> several;
  for (int i = 0; i < 8; ++i) {
    several.emplace_back([this, i] {
      for (int j = 0; j < 10; ++j) {
        const std::string model = "m" + std::to_string(i) + "-" + std::to_string(j);
        ask(Method::post, "/admin/prices", row(model, 1));
      }
    });
  }
  several.clear();
  EXPECT_EQ(ask(Method::get, "/admin/prices")["data"].size(), 81u);
}

// Whatever is there beside them.
TEST_F(PricesTest, MayBeAsManyAsTheContractSays) {
  const auto rows = [](std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) {
      all += (i == 0 ? "" : ",") + row("m" + std::to_string(i), 2);
    }
    return all;
  };
  EXPECT_EQ(put(rows(limits::price_rows_max))["data"].size(), limits::price_rows_max + 1);
  EXPECT_THAT(put(rows(limits::price_rows_max + 1)).value("message", "accepted"),
              HasSubstr("at most 1000 prices"));
  EXPECT_THAT(ask(Method::post, "/admin/prices", row("one-more", 1)).value("message", "accepted"),
              HasSubstr("more than 1000 stored rows"));
}

TEST_F(PricesTest, AuditWhatChanged) {
  put(row("m", 2) + "," + row("n", 2));
  put(row("m", 3) + "," + row("n", 2));
  const core::AuditEntry entry = audit().front();
  EXPECT_EQ(entry.action, "price.put");
  const json before = json::parse(entry.before);
  const json after = json::parse(entry.after);
  ASSERT_EQ(before["data"].size(), 1u) << before;
  EXPECT_EQ(before["data"][0]["input"], 2);
  ASSERT_EQ(after["data"].size(), 1u) << after;
  EXPECT_EQ(after["data"][0]["input"], 3);
}

TEST_F(PricesTest, StayAsTheyWereWhenOneRowIsWrong) {
  put(row("m", 2));
  for (const auto& [rows, why] : std::vector<std::pair<std::string, std::string>>{
           {row("m", 2) + "," + row("m", 3), "data[1]: m has another price"},
           {row("m", 2, R"(,"origin":"file")"), "Only prices whose origin"},
           {row("m", 2, R"(,"us":11)"), "data[0]: us: expected a factor"},
           {R"({"models":["m"]})", "data[0]: input is missing"},
           {"7", "data[0]: expected an object"}}) {
    EXPECT_THAT(put(rows).value("message", "accepted"), HasSubstr(why)) << rows;
  }
  EXPECT_EQ(ask(Method::put, "/admin/prices", R"({"rows":[]})")["failed"],
            static_cast<int>(ErrorCode::invalid_request));
  EXPECT_EQ(ask(Method::put, "/admin/prices", "{}")["failed"],
            static_cast<int>(ErrorCode::invalid_request));
  EXPECT_EQ(input_rate("m"), 2 * core::nano_usd_per_usd);
}

TEST_F(PricesTest, ChargeForWhatIsOver) {
  const std::string alice = new_key();
  spend(alice, 1, 1'000);
  put(row("m", 2));
  const json dry = reprice("from=2026-11-22&dry_run=true");
  EXPECT_EQ(dry["corrected"], 1) << dry;
  EXPECT_EQ(dry["cost_after_nano_usd"], 2'000'000);
  EXPECT_TRUE(corrections.empty());
  EXPECT_EQ(store.find_key(alice)->cost_used, 0);

  const json done = reprice("from=2026-11-22");
  EXPECT_EQ(done, dry);
  EXPECT_EQ(store.find_key(alice)->cost_used, 2'000'000);
  ASSERT_EQ(corrections.size(), 1u);
  EXPECT_EQ(corrections[0].cost, 2'000'000);
  EXPECT_EQ(audit().front().action, "price.reprice");

  const std::size_t audited = audit().size();
  EXPECT_EQ(reprice("from=2026-11-22")["corrected"], 0);
  EXPECT_EQ(corrections.size(), 1u);
  EXPECT_EQ(audit().size(), audited) << "nothing has changed";
}

TEST_F(PricesTest, ChargeAnewOnlyInARangeThatIsSaid) {
  for (const char* const wrong :
       {"", "to=2026-11-22", "from=never", "from=2026-11-22&dry_run=x", "from=2026-11-22&form=x",
        "from=2026-11-22&after=x", "from=2026-11-22&to=2026-11-21",
        "from=2026-11-22&to=", "from=2026-11-24"}) {
    EXPECT_EQ(reprice(wrong)["failed"], static_cast<int>(ErrorCode::invalid_request)) << wrong;
  }
}

// The relay's own sums, which are loaded once, when it starts.
TEST_F(PricesTest, TakeTheLimitsOfKeysAlong) {
  const std::string alice = new_key(R"({"name":"alice","usd_limit":1,"usd_limit_day":1})");
  spend(alice, 1, 1'000, "2026-11-21T10:00:00Z");
  spend(alice, 2, 300, "2026-11-22T20:00:00Z");
  clock.set_wall(parse_rfc3339("2026-11-22T23:00:00Z").value());
  exchange::KeyTable table;
  KeyDirectory directory{store, pepper, table, clock, {}};
  ASSERT_TRUE(directory.open());

  put(row("m", 2));
  reprice("from=2026-11-01");
  directory.correct(corrections);
  const auto keys = table.snapshot();
  const core::Allowance& allowance = *keys->keys().front().allowance;
  const core::Periods now = core::periods_at({}, clock.wall());
  EXPECT_EQ(allowance.cost().state(core::Window::total, now).used, 2'600'000);
  EXPECT_EQ(allowance.cost().state(core::Window::day, now).used, 600'000);
  EXPECT_EQ(allowance.cost().state(core::Window::five_hours, now).used, 600'000);
  EXPECT_EQ(allowance.tokens().state(core::Window::total, now).used, 1'300);

  exchange::KeyTable afresh;
  KeyDirectory restarted{store, pepper, afresh, clock, {}};
  ASSERT_TRUE(restarted.open());
  const auto loaded = afresh.snapshot();
  const core::Allowance& as_loaded = *loaded->keys().front().allowance;
  for (const core::Window window : core::every_window) {
    EXPECT_EQ(allowance.cost().state(window, now), as_loaded.cost().state(window, now))
        << to_string(window);
  }
}

}  // namespace
}  // namespace relay::app
