// What every store keeps twice, and what it says when somebody changes one of them by hand.
#include <atomic>
#include <set>
#include <thread>

#include "store/store_contract.h"

namespace relay::store {
namespace {

using core::Delivery;
using core::KeyId;
using core::LedgerEntry;
using testing::IsEmpty;

struct CheckContract : StoreContract {
  // Some of each way to end, over days and models; sent twice, as after a commit of unknown
  // outcome.
  void fill() {
    std::vector<LedgerEntry> entries;
    for (std::uint32_t number = 0; number < 600; ++number) {
      LedgerEntry made = entry(number, KeyId{1 + number % 7}, {.input = number, .output = 1});
      made.started += std::chrono::minutes{37} * number;
      made.delivery = static_cast<Delivery>(number % 6);
      made.usage.cache_read = 1;
      made.usage.is_estimated = number % 3 == 0;
      made.is_unpriced = number % 5 == 0;
      if (number % 2 == 0) made.served_model = {};
      entries.push_back(made);
    }
    const std::span<const LedgerEntry> all{entries};
    ASSERT_TRUE(store->append(all.first(400), {}));
    ASSERT_TRUE(store->append(all.subspan(200), {}));
  }
};
INSTANTIATE_TEST_SUITE_P(Every, CheckContract, every_store(), name_of_store);

TEST_P(CheckContract, FindsNothingWrongWithWhatWasAppended) {
  EXPECT_THAT(store->check().value(), IsEmpty());
  EXPECT_THAT(store->check_sums().value(), IsEmpty());
  fill();
  EXPECT_THAT(store->check().value(), IsEmpty());
  EXPECT_THAT(store->check_sums().value(), IsEmpty());
}

// Somebody appends all the while: what is compared is one state.
TEST_P(CheckContract, FindsNothingWrongWhileEntriesAreAppended) {
  std::atomic<bool> has_appended_all = false;
  std::jthread appender{[&] {
    for (std::uint32_t number = 0; number < 300; ++number) {
      const LedgerEntry made = entry(number, KeyId{1 + number % 3}, {.input = number});
      EXPECT_TRUE(store->append({{made}}, {}));
    }
    has_appended_all = true;
  }};
  while (!has_appended_all) ASSERT_THAT(store->check_sums().value(), IsEmpty());
}

struct CheckByHand : CheckContract {
  std::unique_ptr<SqlConnection> hand = open_by_hand(GetParam(), directory.path() / "relay.db");
};
INSTANTIATE_TEST_SUITE_P(Every, CheckByHand, every_sql_store(), name_of_store);

TEST_P(CheckByHand, SeesEverySumThatWasChanged) {
  fill();
  for (const std::string table :
       {"key_balances", "usage_hourly_all_keys", "usage_daily", "usage_daily_all_models"}) {
    for (const std::string column : {"requests", "unpriced_requests", "output", "cost"}) {
      const std::string where = " WHERE cost = (SELECT max(cost) FROM " + table + ")";
      const auto add = [&](const std::string& number) {
        return "UPDATE " + table + " SET " + column + " = " + column + " + " + number;
      };
      ASSERT_TRUE(hand->execute(add("5")));
      const std::vector<core::Difference> found = store->check().value();
      ASSERT_FALSE(found.empty()) << table << " " << column;
      for (const core::Difference& difference : found) {
        EXPECT_EQ(difference.excess, 5) << difference.where << " " << difference.count;
      }
      const std::vector<core::Difference> sums = store->check_sums().value();
      ASSERT_FALSE(sums.empty()) << table << " " << column;
      for (const core::Difference& difference : sums) {
        EXPECT_EQ(difference.excess % 5, 0) << difference.where << " " << difference.count;
      }
      ASSERT_TRUE(hand->execute(add("-5")));
      ASSERT_THAT(store->check().value(), IsEmpty());
      ASSERT_THAT(store->check_sums().value(), IsEmpty());
    }
  }
}

TEST_P(CheckByHand, SeesAnEntryThatWasRemovedAndWhereItWas) {
  const std::vector<LedgerEntry> entries = {entry(1, KeyId{7}, {.input = 2, .output = 3})};
  ASSERT_TRUE(store->append(entries, {}));
  ASSERT_TRUE(hand->execute(hand->is_remote() ? "DELETE FROM ledger" : "DELETE FROM ledger_rows"));
  const std::vector<core::Difference> found = store->check().value();
  std::set<std::string> counts;
  for (const core::Difference& difference : found) {
    EXPECT_EQ(difference.where,
              "hour 1699999200000 of key 7, model claude-sonnet-4-5-20250929, delivery 0");
    counts.insert(difference.count);
  }
  EXPECT_EQ(counts, (std::set<std::string>{"cost", "input", "output", "requests"}));
}

TEST_P(CheckByHand, SeesAnHourOfWhichNothingElseKnows) {
  fill();
  ASSERT_TRUE(hand->execute("DELETE FROM usage_hourly WHERE key_id = 3"));
  const std::vector<core::Difference> found = store->check().value();
  std::set<std::string> kinds;
  for (const core::Difference& difference : found) {
    kinds.insert(difference.where.substr(0, difference.where.find(' ')));
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"balance", "day", "hour"}));
  kinds.clear();
  const std::vector<core::Difference> sums = store->check_sums().value();
  for (const core::Difference& difference : sums) kinds.insert(difference.where);
  EXPECT_EQ(kinds, (std::set<std::string>{"balance of key 3", "days of all models of key 3",
                                          "days of key 3", "hours of all keys, as key 0"}));
}

}  // namespace
}  // namespace relay::store
