#include "store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <new>

#include "store/store_fixture.h"

namespace relay::store {
namespace {

using core::KeyId;
using core::LedgerEntry;
using core::Usage;
using testing::HasSubstr;

struct SqliteStoreTest : testing::Test {
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "relay.db";
  ManualClock clock;

  std::unique_ptr<SqliteStore> open() { return SqliteStore::open(path, clock).value(); }
  std::int64_t count(SqlText sql) {
    auto reader = SqliteConnection::open(path, SqliteConnection::Access::read_only).value();
    std::int64_t value = -1;
    EXPECT_TRUE(reader.each(sql, [&](const SqlRow& row) { value = row.integer(0); }));
    return value;
  }
};

TEST_F(SqliteStoreTest, FindsEverythingAgainWhenReopened) {
  KeyId key{};
  {
    auto store = open();
    key = create_one(*store, named("alice")).id;
    const std::vector<LedgerEntry> entries = {entry(1, key, {.input = 40})};
    const std::vector<core::JournalPosition> positions = {{.journal = 5, .sequence = 6}};
    ASSERT_TRUE(store->append(entries, positions));
  }
  auto store = open();
  EXPECT_EQ(store->find_key("uuid of alice").value().tokens_used, 40);
  EXPECT_EQ(store->usage_totals(key).value().requests, 1);
  EXPECT_EQ(store->journal_positions().value().at(0).sequence, 6u);
}

TEST_F(SqliteStoreTest, RunsAStatementFromItsBeginningThoughItsRowsWereNotAllTaken) {
  open();
  auto reader = SqliteConnection::open(path, SqliteConnection::Access::read_only).value();
  const SqlText sql = "SELECT ? UNION ALL SELECT 0";
  const auto take_none = [](const SqlRow&) { throw std::bad_alloc{}; };
  EXPECT_THROW(static_cast<void>(reader.each(sql, take_none, 1)), std::bad_alloc);
  std::vector<std::int64_t> taken;
  ASSERT_TRUE(reader.each(
      sql, [&](const SqlRow& row) { taken.push_back(row.integer(0)); }, 5));
  EXPECT_THAT(taken, testing::ElementsAre(5, 0));
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsInUseAndSaysByWhom) {
  auto first = open();
  const auto second = SqliteStore::open(path, clock);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_THAT(second.error().detail, HasSubstr("in use by process " + std::to_string(::getpid())));
  first.reset();
  EXPECT_TRUE(SqliteStore::open(path, clock));
}

TEST_F(SqliteStoreTest, IsReadByOthersWhileItIsInUse) {
  auto store = open();
  const KeyId key = create_one(*store, named("alice")).id;
  auto other = SqliteStore::open_to_read(path, clock).value();
  ASSERT_TRUE(store->append({{entry(1, key, {.input = 40})}}, {}));
  EXPECT_EQ(other->usage_totals(key).value().usage.input, 40);
  EXPECT_EQ(other->set_setting("a", "b").error().code, ErrorCode::conflict);
  EXPECT_EQ(SqliteStore::open_to_read(directory.path() / "none", clock).error().code,
            ErrorCode::not_found);
}

TEST_F(SqliteStoreTest, KeepsItsFilesFromOtherUsers) {
  auto store = open();
  create_one(*store, named("alice"));
  for (const auto& file : std::filesystem::directory_iterator{directory.path()}) {
    struct stat status {};
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << file.path();
  }
}

TEST_F(SqliteStoreTest, SaysWhatIsWrongWithAFileThatIsNoDatabase) {
  std::ofstream{path} << "this is not a database, it is a text of more than sixteen bytes";
  const auto opened = SqliteStore::open(path, clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::store_unavailable);
  EXPECT_THAT(opened.error().detail, HasSubstr("file is not a database"));
}

TEST_F(SqliteStoreTest, SaysSoWhenItsDirectoryIsMissing) {
  const auto opened = SqliteStore::open(directory.path() / "no" / "relay.db", clock);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().detail, HasSubstr("No such file or directory"));
}

TEST_F(SqliteStoreTest, KeepsEveryMemberOfAnEntry) {
  auto store = open();
  const std::vector<LedgerEntry> entries = {entry(1, KeyId{7},
                                                  {.input = 1,
                                                   .output = 2,
                                                   .cache_write_5m = 3,
                                                   .cache_write_1h = 4,
                                                   .cache_read = 5,
                                                   .web_searches = 6,
                                                   .is_estimated = true})};
  ASSERT_TRUE(store->append(entries, {}));
  EXPECT_EQ(count("SELECT count(*) FROM ledger WHERE "
                  "attempt = x'00000001000000000000000000000000' AND request = 'req_1' AND "
                  "key_id = 7 AND endpoint = 0 AND delivery = 0 AND is_stream = 0 AND "
                  "attempts = 1 AND status = 200 AND first_byte_ms = 1 AND duration_ms = 2 AND "
                  "started = 1700000000001 AND held = 4096 AND input = 1 AND output = 2 AND "
                  "cache_write_5m = 3 AND cache_write_1h = 4 AND cache_read = 5 AND "
                  "web_searches = 6 AND is_estimated = 1 AND model = 'claude-sonnet-4-5' AND "
                  "served_model = 'claude-sonnet-4-5-20250929' AND upstream = 'anthropic' AND "
                  "upstream_request = 'req_011CSHoEeqs5C35K2UUqR7Fy' AND "
                  "client = x'00000000000000000000ffffc0000201'"),
            1);
}

// Conservation: the same tokens, counted in three ways.
TEST_F(SqliteStoreTest, HasTheSameSumInLedgerBalancesAndHours) {
  auto store = open();
  for (std::uint32_t batch = 0; batch < 20; ++batch) {
    std::vector<LedgerEntry> entries;
    for (std::uint32_t i = 0; i < 100; ++i) {
      const std::uint32_t number = batch * 90 + i;  // Ten of each batch are in the next one again.
      LedgerEntry made = entry(number, KeyId{1 + number % 7}, {.input = number, .output = 1});
      made.started += std::chrono::minutes{number};
      made.delivery = static_cast<core::Delivery>(number % 5);
      made.usage.is_estimated = number % 3 == 0;
      if (number % 2 == 0) made.served_model = {};
      entries.push_back(made);
    }
    ASSERT_TRUE(store->append(entries, {}));
  }
  EXPECT_EQ(count("SELECT count(*) FROM ledger"), 1'810);
  EXPECT_EQ(count("SELECT sum(requests) FROM usage_hourly"), 1'810);
  EXPECT_EQ(count("SELECT sum(requests) FROM key_balances"),
            count("SELECT count(*) FROM ledger WHERE delivery <> 3"));
  EXPECT_EQ(count("SELECT count(*) FROM key_balances AS balance WHERE input + output <> "
                  "(SELECT sum(input + output) FROM ledger WHERE key_id = balance.key_id)"),
            0);
  EXPECT_EQ(count("SELECT sum(input + output) FROM ledger"),
            count("SELECT sum(input + output) FROM usage_hourly"));
  EXPECT_EQ(count("SELECT sum(is_estimated) FROM ledger"),
            count("SELECT sum(estimated_requests) FROM usage_hourly"));
}

TEST_F(SqliteStoreTest, PutsAnExchangeIntoTheHourInWhichItBegan) {
  auto store = open();
  std::vector<LedgerEntry> entries(3, entry(1, KeyId{1}, {.input = 1}));
  using std::chrono::milliseconds;
  entries[0].started = WallTime{milliseconds{7'199'999}};
  entries[1].started = WallTime{milliseconds{7'200'000}};
  entries[2].started = WallTime{milliseconds{-1}};  // A clock before 1970 is still a clock.
  for (std::uint32_t i = 0; i < 3; ++i) entries[i].attempt = attempt(i);
  ASSERT_TRUE(store->append(entries, {}));
  EXPECT_EQ(count("SELECT group_concat(hour) = '-3600000,3600000,7200000' FROM "
                  "(SELECT hour FROM usage_hourly ORDER BY hour)"),
            1);
}

// A batch is whole or not there: with its table gone, the balance stays as it was.
TEST_F(SqliteStoreTest, ChangesNothingWhenABatchFails) {
  auto store = open();
  ASSERT_TRUE(store->append(std::vector{entry(1, KeyId{1}, {.input = 1})}, {}));
  {
    auto saboteur = SqliteConnection::open(path, SqliteConnection::Access::read_write).value();
    ASSERT_TRUE(saboteur.execute("ALTER TABLE usage_hourly RENAME TO gone"));
  }
  const auto failed = store->append(std::vector{entry(2, KeyId{1}, {.input = 2})}, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::store_unavailable);
  EXPECT_EQ(store->usage_totals(KeyId{1}).value().usage, Usage{.input = 1});
  {
    auto saboteur = SqliteConnection::open(path, SqliteConnection::Access::read_write).value();
    ASSERT_TRUE(saboteur.execute("ALTER TABLE gone RENAME TO usage_hourly"));
  }
  EXPECT_TRUE(store->append(std::vector{entry(2, KeyId{1}, {.input = 2})}, {}));
  EXPECT_EQ(store->usage_totals(KeyId{1}).value().usage, Usage{.input = 3});
}

}  // namespace
}  // namespace relay::store
