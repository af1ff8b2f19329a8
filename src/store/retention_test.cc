#include "store/retention.h"

#include <thread>

#include "store/store_contract.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using testing::Gt;
using testing::IsEmpty;

struct RetentionTest : StoreContract {
  core::KeyId key = create_one(*store, named("alice")).id;
  const WallTime now = WallTime{std::chrono::sys_days{2026y / 5 / 20}} + 90min;

  core::LedgerEntry made(int day) const {
    core::LedgerEntry one = entry(static_cast<std::uint32_t>(day), key, {.input = 10, .output = 1});
    one.started = now - day * 24h;
    one.cost = 7;
    return one;
  }
  // One entry for each of so many days before now.
  void fill(int days) {
    std::vector<core::LedgerEntry> entries;
    for (int day = 0; day < days; ++day) entries.push_back(made(day));
    ASSERT_TRUE(store->append(entries, {}));
  }
  std::int64_t entries_kept() {
    std::int64_t kept = 0;
    while (store->start_beyond(static_cast<std::size_t>(kept)).value()) ++kept;
    return kept;
  }
};

INSTANTIATE_TEST_SUITE_P(Every, RetentionTest, every_sql_store(), name_of_store);

TEST_P(RetentionTest, RemovesEntriesByAgeAndNoTotal) {
  fill(30);
  EXPECT_EQ(forget_old_entries(*store, {.age = std::chrono::days{10}}, now).value(), 19);
  EXPECT_EQ(entries_kept(), 11);
  const core::UsageTotals totals = store->usage_totals(key).value();
  EXPECT_EQ(totals.requests, 30);
  EXPECT_EQ(totals.usage.total(), 330);
  EXPECT_EQ(totals.cost, 210);
  EXPECT_THAT(store->check().value(), IsEmpty());
}

TEST_P(RetentionTest, RemovesTheOldestEntriesBeyondANumber) {
  fill(30);
  EXPECT_EQ(forget_old_entries(*store, {.rows = 12}, now).value(), 17);
  EXPECT_EQ(entries_kept(), 13) << "of the oldest hour all stay";
  EXPECT_THAT(store->check().value(), IsEmpty());
}

TEST_P(RetentionTest, RemovesNothingThatIsNotOldEnough) {
  fill(5);
  EXPECT_EQ(forget_old_entries(*store, {.age = std::chrono::days{10}, .rows = 10}, now).value(), 0);
  EXPECT_EQ(entries_kept(), 5);
}

// Or a limit would be had twice, by starting the relay anew.
TEST_P(RetentionTest, KeepsWhatLimitsAreLoadedFrom) {
  const WallTime noon = now + 10h + 30min;
  std::vector<core::LedgerEntry> entries;
  for (std::uint32_t quarter = 0; quarter < 4 * 48; ++quarter) {
    entries.push_back(entry(quarter, key, {.input = 1}));
    entries.back().started = noon - quarter * 15min;
  }
  ASSERT_TRUE(store->append(entries, {}));
  const core::LedgerEntry five_hours_old = entries[20];
  const core::LedgerEntry six_hours_old = entries[25];
  ASSERT_TRUE(forget_old_entries(*store, {.rows = 1}, noon));
  EXPECT_EQ(store->find_attempts(std::array{five_hours_old, six_hours_old}).value().size(), 1u);
}

// May 1, 2026 began in Kolkata at 18:30 UTC.
TEST_P(RetentionTest, KeepsTheBeginningOfAWindowWithinAnHour) {
  const RetentionTerms terms{.rows = 1, .zone = TimeZone::find("Asia/Kolkata").value()};
  fill(40);
  ASSERT_TRUE(forget_old_entries(*store, terms, now));
  EXPECT_EQ(entries_kept(), 20);
}

TEST_P(RetentionTest, KeepsByWhatResultsOfBatchesAreChargedOnce) {
  fill(40);
  ASSERT_TRUE(store->claim_batch("over", {.key = key, .since = now - 31 * 24h}));
  ASSERT_TRUE(store->claim_batch("open", {.key = key, .since = now - 20 * 24h}));
  EXPECT_EQ(forget_old_entries(*store, {.age = std::chrono::days{10}}, now).value(), 19);
  EXPECT_EQ(forget_old_entries(*store, {.age = std::chrono::days{10}}, now + 11 * 24h).value(), 21);
  EXPECT_THAT(store->check().value(), IsEmpty());
}

struct BatchRetention : RetentionTest {
  const core::BatchOwner creator = {.key = key, .since = now - 20 * 24h};
  const core::BatchOwner former = {.key = key, .since = now - 31 * 24h};
  const core::BatchOwner other = {.key = core::KeyId{2}, .since = now};

  core::BatchOwner owner_of(std::string_view batch) {
    return store->claim_batch(batch, other).value();
  }
};

INSTANTIATE_TEST_SUITE_P(Every, BatchRetention, every_store(), name_of_store);

TEST_P(BatchRetention, ForgetsWhoseABatchWasAndNoChargeWhenItsResultsAreGone) {
  fill(40);
  ASSERT_TRUE(store->claim_batch("over", former));
  ASSERT_TRUE(store->claim_batch("open", creator));
  EXPECT_EQ(forget_old_entries(*store, {}, now).value(), 0);
  EXPECT_EQ(owner_of("over"), other);
  EXPECT_EQ(owner_of("open"), creator);
  EXPECT_EQ(store->usage_totals(key).value().requests, 40);
  EXPECT_EQ(store->find_attempts(std::array{made(0), made(39)}).value().size(), 2u);
}

TEST_P(BatchRetention, IsThereWhereEverythingElseIsKept) {
  ASSERT_TRUE(store->claim_batch("over", former));
  clock.set_wall(now);
  Retention retention{*store, {}, clock};
  retention.start();
  const TimePoint deadline = std::chrono::steady_clock::now() + 10s;
  while (owner_of("over") != other && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(owner_of("over"), other);
}

TEST_P(RetentionTest, TakesManySteps) {
  std::vector<core::LedgerEntry> entries;
  const auto count = static_cast<std::uint32_t>(limits::retention_step_rows * 2 + 1);
  for (std::uint32_t i = 0; i < count; ++i) {
    entries.push_back(entry(i, key, {.input = 1}));
    entries.back().started = now - 48h;
  }
  ASSERT_TRUE(store->append(entries, {}));
  EXPECT_EQ(forget_old_entries(*store, {.age = std::chrono::days{1}}, now).value(), count);
  EXPECT_EQ(store->usage_totals(key).value().requests, count);
}

}  // namespace
}  // namespace relay::store
