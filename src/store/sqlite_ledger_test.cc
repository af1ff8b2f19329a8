// What is SQLite's own about the ledger: places, moments, clues, and how it came to them.
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/resource.h>

#include <map>
#include <thread>

#include "store/migrations.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using core::KeyId;
using core::LedgerEntry;
using core::LedgerFilter;
using std::chrono::milliseconds;
using testing::IsEmpty;

struct SqliteLedgerTest : testing::Test {
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "relay.db";
  ManualClock clock;
  std::unique_ptr<SqliteStore> store = SqliteStore::open(path, clock).value();

  std::int64_t count(SqlText sql) const {
    auto reader = SqliteConnection::open(path, SqliteConnection::Access::read_only).value();
    std::int64_t value = -1;
    EXPECT_TRUE(reader.each(sql, [&](const SqlRow& row) { value = row.integer(0); }));
    return value;
  }
  void append(const std::vector<LedgerEntry>& entries) const {
    EXPECT_TRUE(store->append(entries, {}));
  }
  // All pages, from the newest entry on.
  std::vector<LedgerEntry> found(const LedgerFilter& filter, std::size_t rows = 7) const {
    std::vector<LedgerEntry> all;
    core::PageRequest request{.rows_max = rows};
    do {
      const auto page = store->page_of_ledger(filter, request).value();
      for (const core::LedgerRow& row : page.rows) all.push_back(row.entry);
      request.after = page.next;
    } while (!request.after.empty());
    return all;
  }
  std::size_t recorded(const std::vector<LedgerEntry>& entries) const {
    return store->find_attempts(entries).value().size();
  }
};

// So many of one millisecond.
std::vector<LedgerEntry> neighbours(std::uint32_t count) {
  std::vector<LedgerEntry> all;
  for (std::uint32_t number = 0; number < count; ++number) {
    all.push_back(entry(number, KeyId{1}, {.input = 1}));
    all.back().started = WallTime{milliseconds{1'700'000'000'000}};
  }
  return all;
}

// One in each millisecond.
std::vector<LedgerEntry> over_time(std::uint32_t count) {
  std::vector<LedgerEntry> all = neighbours(count);
  for (std::uint32_t number = 0; number < count; ++number) {
    all[number].started += milliseconds{number};
  }
  return all;
}

TEST_F(SqliteLedgerTest, RecordsThoseOfOneMillisecondOnceInTheOrderOfWriting) {
  const std::vector<LedgerEntry> all = neighbours(5);
  append({all[2]});
  append({all[0], all[1], all[0]});
  append({all[4], all[2], all[3], all[4]});
  append(all);
  std::vector<std::string> requests;
  for (const LedgerEntry& one : found({}, 2)) requests.emplace_back(one.request.view());
  EXPECT_THAT(requests, testing::ElementsAre("req_3", "req_4", "req_1", "req_0", "req_2"));
  EXPECT_EQ(store->usage_totals(KeyId{1}).value().requests, 5);
  EXPECT_EQ(recorded(all), 5u);
}

// As the results of a batch.
TEST_F(SqliteLedgerTest, RecordsAThousandOfOneMillisecondOnce) {
  const std::vector<LedgerEntry> all = neighbours(1'000);
  append({all.begin(), all.begin() + 50});
  append({all.begin() + 30, all.begin() + 300});
  append(all);
  append({all.rbegin(), all.rend()});
  EXPECT_EQ(count("SELECT count(*) FROM ledger"), 1'000);
  EXPECT_EQ(count("SELECT sum(requests) FROM usage_hourly"), 1'000);
  EXPECT_EQ(recorded(all), 1'000u);
}

TEST_F(SqliteLedgerTest, RecordsWhatBeganBeforeTheNewestOnce) {
  std::vector<LedgerEntry> all = neighbours(3);
  all[1].started += milliseconds{1};
  all[2].started -= milliseconds{1};
  for (const LedgerEntry& one : all) append({one});
  append(all);
  EXPECT_EQ(count("SELECT count(*) FROM ledger"), 3);
  EXPECT_EQ(recorded(all), 3u);
}

TEST_F(SqliteLedgerTest, FindsAmongManyOfAMomentWhatIsAskedFor) {
  std::vector<LedgerEntry> all;
  for (std::uint32_t number = 0; number < 3'000; ++number) {
    LedgerEntry made = entry(number, KeyId{1 + number % 7}, {.input = number});
    made.started = WallTime{milliseconds{1'700'000'000'000 + number / 5}};
    made.cost = 1'000 * number;
    made.is_unpriced = number % 97 == 0;
    made.upstream_request = std::string_view{"up_" + std::to_string(number)};
    all.push_back(made);
  }
  append(all);
  const auto count_of = [&](auto matches) { return std::ranges::count_if(all, matches); };
  EXPECT_EQ(found({.keys = {KeyId{3}}}).size(),
            count_of([](const LedgerEntry& one) { return one.key == KeyId{3}; }));
  EXPECT_EQ(
      found({.keys = {KeyId{3}, KeyId{4}, KeyId{99}}}, 100).size(),
      count_of([](const LedgerEntry& one) { return one.key == KeyId{3} || one.key == KeyId{4}; }));
  EXPECT_EQ(found({.cost_min = 2'345'678}).size(),
            count_of([](const LedgerEntry& one) { return one.cost >= 2'345'678; }));
  EXPECT_EQ(found({.is_unpriced = true}).size(),
            count_of([](const LedgerEntry& one) { return one.is_unpriced; }));
  const LedgerFilter middle{
      .from = all[1'000].started, .to = all[2'000].started, .keys = {KeyId{2}}};
  EXPECT_EQ(found(middle).size(), count_of([&](const LedgerEntry& one) {
              return one.key == KeyId{2} && one.started >= *middle.from && one.started < *middle.to;
            }));
  for (const std::uint32_t number : {0u, 1'234u, 2'999u}) {
    for (const std::string& name :
         {"req_" + std::to_string(number), "up_" + std::to_string(number)}) {
      const std::vector<LedgerEntry> one = found({.request = name});
      ASSERT_EQ(one.size(), 1u) << name;
      EXPECT_TRUE(same(one[0], all[number]));
    }
  }
  EXPECT_THAT(found({.request = "req_none"}), IsEmpty());
}

TEST_F(SqliteLedgerTest, KeepsFewRowsOfCluesWhenBatchesAreSmall) {
  for (std::uint32_t number = 0; number < 600; ++number) append({entry(number, KeyId{1})});
  EXPECT_LE(count("SELECT count(*) FROM ledger_requests"), 3);
  EXPECT_EQ(count("SELECT sum(length(clues)) FROM ledger_requests"), 600 * 16);
  EXPECT_EQ(found({.request = "req_0"}).size(), 1u);
  EXPECT_EQ(found({.request = "req_599"}).size(), 1u);
}

TEST_F(SqliteLedgerTest, ForgetsWithEntriesHowTheyWereFound) {
  append({entry(1, KeyId{1}), entry(2, KeyId{2})});
  LedgerEntry later = entry(3, KeyId{2});
  later.started += std::chrono::hours{2};
  append({later});
  EXPECT_EQ(store->forget_entries(later.started, 100).value(), 2);
  EXPECT_EQ(store->forget_entries(later.started, 100).value(), 0);
  EXPECT_EQ(count("SELECT count(*) FROM ledger_by_key"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM ledger_by_model"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM ledger_by_cost"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM ledger_unusual"), 1);
  EXPECT_EQ(found({.keys = {KeyId{2}}}).size(), 1u);
}

TEST_F(SqliteLedgerTest, ForgetsTheAttemptsOfAThousandOfOneMillisecond) {
  const std::vector<LedgerEntry> all = neighbours(1'000);
  append(all);
  EXPECT_EQ(count("SELECT count(*) FROM ledger_by_attempt"), 1'000 - 64);
  const WallTime later = all[0].started + std::chrono::hours{1};
  EXPECT_EQ(store->forget_entries(later, 700).value(), 700);
  EXPECT_EQ(store->forget_entries(later, 700).value(), 300);
  EXPECT_EQ(count("SELECT count(*) FROM ledger_by_attempt"), 0);
}

struct LedgerMigrationTest : testing::Test {
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "relay.db";
  ManualClock clock;

  void bring_to(int version) const {
    ASSERT_TRUE(SqliteWriter::open(path).value().migrate(version, clock.wall()));
  }
};

TEST_F(LedgerMigrationTest, LosesNothingOnTheWayDownAndUpAgain) {
  std::vector<LedgerEntry> all = neighbours(3);
  for (std::uint32_t number = 100'000; number < 102'500; ++number) {
    all.push_back(
        entry(number, KeyId{1 + number % 3}, {.output = number, .is_estimated = number % 5 == 0}));
    all.back().delivery = static_cast<core::Delivery>(number % 6);
    all.back().client.bytes[15] = static_cast<std::uint8_t>(number);
  }
  ASSERT_TRUE(SqliteStore::open(path, clock).value()->append(all, {}));
  for (const int version : {3, static_cast<int>(sqlite_migrations().size())}) bring_to(version);
  const auto store = SqliteStore::open(path, clock).value();
  ASSERT_TRUE(store->append(all, {})) << "all are there";
  EXPECT_THAT(store->check().value(), IsEmpty());
  std::map<core::AttemptId, LedgerEntry> kept;
  core::PageRequest request{.rows_max = 500};
  do {
    const auto page = store->page_of_ledger({}, request).value();
    for (const core::LedgerRow& row : page.rows) kept[row.entry.attempt] = row.entry;
    request.after = page.next;
  } while (!request.after.empty());
  ASSERT_EQ(kept.size(), all.size());
  for (const LedgerEntry& entry : all) {
    EXPECT_EQ(kept[entry.attempt].client, entry.client);
    EXPECT_EQ(kept[entry.attempt].delivery, entry.delivery);
    EXPECT_EQ(kept[entry.attempt].started, entry.started);
  }
  const LedgerFilter newest{.from = all.back().started, .request = "req_102499"};
  EXPECT_EQ(store->page_of_ledger(newest, {}).value().rows.size(), 1u);
  for (const LedgerFilter& filter :
       {LedgerFilter{.keys = {KeyId{2}}}, LedgerFilter{.model = "claude-sonnet-4-5-20250929"},
        LedgerFilter{.request = "req_101234"}, LedgerFilter{.cost_min = 1'101'234},
        LedgerFilter{.is_estimated = true}}) {
    EXPECT_FALSE(store->page_of_ledger(filter, {}).value().rows.empty());
  }
}

// Two of one millisecond and a hundred of the next one, as relays of schema 4 wrote them.
constexpr char entries_of_schema_4[] =
    "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 101) "
    "INSERT INTO ledger (id, attempt, request, key_id, facts, first_byte_ms, duration_ms, held, "
    "input, output, cache_write_5m, cache_write_1h, cache_read, web_searches, cost, "
    "price_version, client, model, served_model, upstream, upstream_request) "
    "SELECT (1700000000000 << 20) + CASE WHEN n < 2 THEN n ELSE 1048576 + n - 2 END, "
    "CAST(printf('attempt %08d', n) AS BLOB), 'req_' || n, 7, 529 | (3 << 16) | (2 << 24) | "
    "(1 << 28) | (2 << 32) | (3 << 36) | (1 << 40) | (n % 2 << 41) | (1 << 42) | (1 << 43), "
    "1, 2, 3, n, 5, 6, 7, 8, 9, 10, 11, zeroblob(16), 'asked', 'served', 'up', 'theirs' "
    "FROM numbers";

LedgerEntry entry_of_schema_4(std::uint32_t number) {
  LedgerEntry made;
  const std::string digits = std::to_string(number);
  std::ranges::copy("attempt " + std::string(8 - digits.size(), '0') + digits,
                    made.attempt.bytes.begin());
  made.request = std::string_view{"req_" + std::to_string(number)};
  made.key = KeyId{7};
  made.endpoint = core::Endpoint::chat_completions;
  made.delivery = core::Delivery::client_gone;
  made.is_stream = true;
  made.attempts = 3;
  made.status = 529;
  made.first_byte_ms = 1;
  made.duration_ms = 2;
  made.started = WallTime{milliseconds{1'700'000'000'000 + (number < 2 ? 0 : 1)}};
  made.held = 3;
  made.usage = {.input = number,
                .output = 5,
                .cache_write_5m = 6,
                .cache_write_1h = 7,
                .cache_read = 8,
                .web_searches = 9,
                .is_estimated = number % 2 == 1};
  made.terms = {
      .tier = core::ServiceTier::priority, .geo = core::InferenceGeo::other, .is_fast = true};
  made.cost = 10;
  made.price_version = 11;
  made.is_unpriced = true;
  made.model = std::string_view{"asked"};
  made.served_model = std::string_view{"served"};
  made.upstream = std::string_view{"up"};
  made.upstream_request = std::string_view{"theirs"};
  return made;
}

TEST_F(LedgerMigrationTest, ReadsRowsThatWereWrittenWithColumnsOfTheirOwn) {
  bring_to(4);
  ASSERT_TRUE(SqliteWriter::open(path).value().connection().execute(entries_of_schema_4));
  std::vector<LedgerEntry> all;
  for (std::uint32_t number = 0; number < 102; ++number) all.push_back(entry_of_schema_4(number));
  const auto store = SqliteStore::open(path, clock).value();
  const std::vector<core::LedgerRow> rows =
      store->page_of_ledger({.keys = {}}, {.rows_max = 200}).value().rows;
  ASSERT_EQ(rows.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(same(rows[i].entry, all[all.size() - 1 - i])) << i;
  }
  EXPECT_EQ(store->find_attempts(all).value().size(), all.size());
  ASSERT_TRUE(store->append(all, {})) << "all are there";
  EXPECT_EQ(store->usage_totals(KeyId{7}).value().requests, 0) << "no sums were written by hand";
  EXPECT_EQ(store->page_of_ledger({}, {.rows_max = 500}).value().rows.size(), all.size());
}

// A loop that never rests, on the only processor that this thread may have.
class BusyLoop {
 public:
  BusyLoop() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    EXPECT_EQ(::sched_getaffinity(0, sizeof before_, &before_), 0);
    EXPECT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    loop_ = std::jthread{[](const std::stop_token& stopping) {
      while (!stopping.stop_requested()) continue;
    }};
  }
  BusyLoop(const BusyLoop&) = delete;
  BusyLoop& operator=(const BusyLoop&) = delete;
  ~BusyLoop() {
    loop_ = {};
    ::sched_setaffinity(0, sizeof before_, &before_);
  }

 private:
  cpu_set_t before_;
  std::jthread loop_;
};

// How often others ran although this thread could have gone on.
long times_interrupted() {
  rusage usage;
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

TEST_F(SqliteLedgerTest, GivesWayToABusyLoopUnlessItIsBehind) {
  const std::vector<LedgerEntry> all = over_time(4'000);
  const BusyLoop loop;
  const auto in_batches = [&](std::span<const LedgerEntry> entries, std::size_t size) {
    const long before = times_interrupted();
    for (; !entries.empty(); entries = entries.subspan(size)) {
      EXPECT_TRUE(store->append(entries.first(size), {}));
    }
    return times_interrupted() - before;
  };
  const long of_small_ones = in_batches(std::span{all}.first(2'000), 100);
  const long of_large_ones = in_batches(std::span{all}.last(2'000), 1'000);
  // Six times in each of the twenty; of the large ones all are those of a thread's usual share.
  EXPECT_GT(of_small_ones, of_large_ones + 90);
}

}  // namespace
}  // namespace relay::store
