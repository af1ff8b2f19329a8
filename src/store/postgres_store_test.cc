#include "store/postgres_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "store/migrations.h"
#include "store/postgres_fixture.h"
#include "store/postgres_parameters.h"
#include "store/postgres_schema.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::KeyId;
using core::LedgerEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct PostgresStoreTest : testing::Test {
  const std::string url = postgres_server().url_of_new_schema();
  std::unique_ptr<PostgresConnection> hand = PostgresConnection::open(url).value();
  ManualClock clock = at_new_year();

  static ManualClock at_new_year() {
    ManualClock made;
    made.set_wall(WallTime{std::chrono::sys_days{2026y / 1 / 1}} + 1h);
    return made;
  }
  std::unique_ptr<PostgresStore> open() { return PostgresStore::open(url, clock).value(); }
  std::vector<std::string> texts(SqlText sql) {
    std::vector<std::string> all;
    EXPECT_TRUE(hand->each(sql, [&](const SqlRow& row) { all.emplace_back(row.text(0)); }));
    return all;
  }
  std::vector<std::string> months() {
    return texts(
        "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid "
        "WHERE inhparent = 'ledger'::regclass ORDER BY relname");
  }
};

TEST_F(PostgresStoreTest, KeepsEveryMemberOfAnEntry) {
  const std::vector<LedgerEntry> entries = {entry(1, KeyId{7},
                                                  {.input = 1,
                                                   .output = 2,
                                                   .cache_write_5m = 3,
                                                   .cache_write_1h = 4,
                                                   .cache_read = 5,
                                                   .web_searches = 6,
                                                   .is_estimated = true})};
  ASSERT_TRUE(open()->append(entries, {}));
  EXPECT_THAT(texts("SELECT count(*) FROM ledger WHERE "
                    "attempt = '\\x00000001000000000000000000000000' AND request = 'req_1' AND "
                    "key_id = 7 AND endpoint = 0 AND delivery = 0 AND NOT is_stream AND "
                    "attempts = 1 AND status = 200 AND first_byte_ms = 1 AND duration_ms = 2 AND "
                    "started = 1700000000001 AND held = 4096 AND input = 1 AND output = 2 AND "
                    "cache_write_5m = 3 AND cache_write_1h = 4 AND cache_read = 5 AND "
                    "web_searches = 6 AND is_estimated AND model = 'claude-sonnet-4-5' AND "
                    "served_model = 'claude-sonnet-4-5-20250929' AND upstream = 'anthropic' AND "
                    "upstream_request = 'req_011CSHoEeqs5C35K2UUqR7Fy' AND "
                    "client = '\\x00000000000000000000ffffc0000201'"),
              ElementsAre("1"));
}

TEST_F(PostgresStoreTest, HasAPartitionForEachMonthAndForThoseToCome) {
  LedgerEntry old = entry(1, KeyId{7}, {.input = 1});
  old.started = clock.wall() - 2h;  // Last year.
  ASSERT_TRUE(open()->append({&old, 1}, {}));
  EXPECT_THAT(months(),
              ElementsAre("ledger_2025_12", "ledger_2026_01", "ledger_2026_02", "ledger_2026_03"));
  EXPECT_THAT(texts("SELECT count(*) FROM ledger_2025_12"), ElementsAre("1"));
}

TEST_F(PostgresStoreTest, ForgetsAMonthAsAWhole) {
  const auto store = open();
  std::vector<LedgerEntry> entries;
  for (std::uint32_t day = 0; day < 60; ++day) {
    entries.push_back(entry(day, KeyId{7}, {.input = 1}));
    entries.back().started = clock.wall() - day * 24h;
  }
  ASSERT_TRUE(store->append(entries, {}));
  const WallTime third{std::chrono::sys_days{2025y / 12 / 3}};
  EXPECT_EQ(store->forget_entries(third, 1).value(), 28) << "of November";
  EXPECT_EQ(store->forget_entries(third, 1).value(), 1);
  EXPECT_EQ(store->forget_entries(third, 9).value(), 1);
  EXPECT_EQ(store->forget_entries(third, 9).value(), 0);
  EXPECT_EQ(months().front(), "ledger_2025_12");
  EXPECT_THAT(store->check().value(), IsEmpty());
  EXPECT_EQ(store->usage_totals(KeyId{7}).value().requests, 60);

  // The writer sends it again, and so the month is made again.
  LedgerEntry late = entry(100, KeyId{7}, {.input = 1});
  late.started = clock.wall() - 59 * 24h;
  EXPECT_EQ(store->append({&late, 1}, {}).error().code, ErrorCode::store_unavailable);
  EXPECT_TRUE(store->append({&late, 1}, {}));
  EXPECT_EQ(months().front(), "ledger_2025_11");
}

TEST_F(PostgresStoreTest, TakesTextThatIsNoUtf8) {
  LedgerEntry odd = entry(1, KeyId{7}, {.input = 1});
  odd.model = std::string_view{"cut \xe2\x82"};
  odd.upstream_request = std::string_view{"nul \0 within", 12};
  ASSERT_TRUE(open()->append({&odd, 1}, {}));
  EXPECT_THAT(texts("SELECT model || '|' || upstream_request FROM ledger"),
              ElementsAre("cut ??|nul ? within"));
}

TEST_F(PostgresStoreTest, TellsTheServerHowLongWeWait) {
  EXPECT_THAT(texts("SHOW statement_timeout"), ElementsAre("10s"));
  EXPECT_THAT(texts("SHOW lock_timeout"), ElementsAre("5s"));
  EXPECT_THAT(texts("SHOW idle_in_transaction_session_timeout"), ElementsAre("15s"));
}

TEST_F(PostgresStoreTest, IsOpenedByManyAtOnce) {
  std::vector<std::jthread> relays;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 6; ++i) {
    relays.emplace_back([&, i] {
      const auto store = PostgresStore::open(url, clock);
      if (!store || !(*store)->create_key(named(std::to_string(i)))) ++failed;
    });
  }
  relays.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(open()->all_keys().value().size(), 6u);
}

TEST_F(PostgresStoreTest, ServesManyThreadsWithAFewConnections) {
  const auto store = open();
  std::vector<std::jthread> threads;
  std::atomic<int> failed = 0;
  for (int thread = 0; thread < 24; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        if (!store->all_keys()) ++failed;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(failed, 0);
  const std::string count = texts(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'relay-station' "
      "AND query LIKE '%live_keys%' AND state = 'idle'")[0];
  EXPECT_LE(std::stol(count), limits::postgres_connections_max);
}

TEST_F(PostgresStoreTest, RefusesASchemaThatItDoesNotKnow) {
  open().reset();
  ASSERT_TRUE(hand->execute("INSERT INTO schema_migrations VALUES (1000, 'later', 0, 0)"));
  const auto refused = PostgresStore::open(url, clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().detail, HasSubstr("the database has schema 1000"));
}

TEST_F(PostgresStoreTest, ReadsAndDoesNotWriteWhenOpenedToRead) {
  const auto nothing = PostgresStore::open_to_read(url, clock);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, ErrorCode::conflict);
  EXPECT_THAT(nothing.error().detail, HasSubstr("the database has schema 0"));

  const auto relay = open();
  ASSERT_TRUE(relay->create_key(named("alice")));
  const auto store = PostgresStore::open_to_read(url, clock).value();
  EXPECT_EQ(store->all_keys().value().size(), 1u);
  EXPECT_THAT(store->check().value(), IsEmpty());
  EXPECT_EQ(store->create_key(named("bob")).error().code, ErrorCode::conflict);
  EXPECT_EQ(store->append({}, {}).error().code, ErrorCode::conflict);
}

TEST_F(PostgresStoreTest, MigratesUpAndDownAndUpAgainToTheSameSchema) {
  const auto schema = [this] {
    return texts(
        "SELECT relkind::TEXT || ' ' || relname || ' ' || coalesce(pg_get_expr(relpartbound, oid), "
        "'') "
        "FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
        "AND relname NOT LIKE 'schema_migrations%' "
        "UNION SELECT 'f ' || proname FROM pg_proc "
        "WHERE pronamespace = current_schema()::regnamespace ORDER BY 1");
  };
  ASSERT_TRUE(migrate_postgres(*hand, 0, WallTime{}));
  EXPECT_THAT(schema(), IsEmpty());
  std::vector<std::vector<std::string>> schemas = {{}};
  const int newest = static_cast<int>(postgres_migrations().size());
  for (int version = 1; version <= newest; ++version) {
    ASSERT_TRUE(migrate_postgres(*hand, version, WallTime{}));
    schemas.push_back(schema());
  }
  for (int version = newest - 1; version >= 0; --version) {
    // The months go with the table that they are parts of.
    if (version == 0) {
      ASSERT_TRUE(hand->run("SELECT make_ledger_month(?)", WallTime{}));
    }
    ASSERT_TRUE(migrate_postgres(*hand, version, WallTime{}));
    EXPECT_EQ(schema(), schemas[static_cast<std::size_t>(version)]) << version;
  }
  ASSERT_TRUE(migrate_postgres(*hand, WallTime{}));
  EXPECT_EQ(schema(), schemas.back());
}

TEST(PostgresParameters, NumbersWhatStandsForAValue) {
  EXPECT_EQ(numbered("SELECT ? WHERE a = '?' AND b IN (?, ?)"),
            "SELECT $1 WHERE a = '?' AND b IN ($2, $3)");
}

}  // namespace
}  // namespace relay::store
