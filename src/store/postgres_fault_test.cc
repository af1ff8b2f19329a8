// A server that goes away, at any moment: what is sent again is neither lost nor charged twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "store/ledger_writer.h"
#include "store/memory_store.h"
#include "store/postgres_fixture.h"
#include "store/postgres_proxy.h"
#include "store/postgres_store.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::KeyId;
using core::LedgerEntry;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t keys_count = 5;

bool wait_until(const auto& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// What the store under test has to agree with at the end.
struct PostgresFaults : testing::Test {
  ManualClock clock;
  MemoryStore expected{clock};
  std::uint32_t number = 0;

  std::vector<LedgerEntry> batch(std::size_t size = 20) {
    std::vector<LedgerEntry> entries;
    for (std::size_t i = 0; i < size; ++i, ++number) {
      const std::uint32_t long_one = 1'000'000 + number;  // So that all batches are of one length.
      entries.push_back(entry(long_one, KeyId{1 + number % keys_count}, {.input = long_one}));
      entries.back().started += std::chrono::minutes{number};
      entries.back().delivery = static_cast<core::Delivery>(number % 5);
    }
    return entries;
  }
  // The same, until the store says that it has it. How often it had to be said.
  static int append_until_taken(core::Store& store, std::span<const LedgerEntry> entries,
                                std::span<const core::JournalPosition> positions) {
    for (int tries = 1; tries < 10; ++tries) {
      const Result<void> appended = store.append(entries, positions);
      if (appended) return tries;
      EXPECT_EQ(appended.error().code, ErrorCode::store_unavailable) << appended.error().detail;
    }
    ADD_FAILURE() << "never taken";
    return 0;
  }
  void expect_no_difference(core::Store& store) {
    for (std::int64_t key = 1; key <= keys_count; ++key) {
      const core::UsageTotals ours = store.usage_totals(KeyId{key}).value();
      const core::UsageTotals theirs = expected.usage_totals(KeyId{key}).value();
      EXPECT_EQ(ours.usage.input, theirs.usage.input) << key;
      EXPECT_EQ(ours.cost, theirs.cost) << key;
      EXPECT_EQ(ours.requests, theirs.requests) << key;
    }
    EXPECT_EQ(store.start_beyond(number - 1).value().has_value(), true) << "an entry is missing";
    EXPECT_EQ(store.start_beyond(number).value().has_value(), false) << "an entry is there twice";
    EXPECT_THAT(store.check().value(), IsEmpty());
  }
};

TEST_F(PostgresFaults, AConnectionCutAt40PointsOfTheProtocolLeavesNoDifference) {
  constexpr std::size_t points = 40;
  constexpr std::size_t points_near_the_end = 20;
  constexpr std::size_t end_bytes = 240;  // Where it is committed, and we are told so.
  const std::string direct = postgres_server().url_of_new_schema();
  CuttingProxy proxy{postgres_server().socket()};
  const std::string schema = direct.substr(direct.rfind("%3D") + 3);
  const auto checker = PostgresStore::open(direct, clock).value();

  std::size_t whole = 0;
  int lost = 0;
  int kept = 0;
  for (std::size_t point = 0; point <= points; ++point) {
    const std::vector<LedgerEntry> entries = batch();
    const std::vector<core::JournalPosition> positions = {{.journal = 1, .sequence = number}};
    ASSERT_TRUE(expected.append(entries, positions));
    const bool is_first = point == 0;  // Shows how long it is.
    const std::size_t nth = point - 1;
    const std::size_t near = (nth - points_near_the_end) * end_bytes / points_near_the_end;
    const std::size_t cut = nth < points_near_the_end ? 1 + whole * nth / points_near_the_end
                                                      : whole - end_bytes + 1 + near;
    proxy.cut_after(is_first ? CuttingProxy::never : cut);
    const auto store = PostgresStore::open(proxy.url(schema), clock).value();
    const Result<void> appended = store->append(entries, positions);
    if (is_first) whole = proxy.passed();
    proxy.cut_after(CuttingProxy::never);
    EXPECT_EQ(appended.has_value(), is_first) << point;
    const bool is_there = checker->start_beyond(number - 1).value().has_value();
    if (!is_first) ++(is_there ? kept : lost);
    append_until_taken(*store, entries, positions);
  }
  EXPECT_GT(lost, 10);
  EXPECT_GT(kept, 2) << "which we were not told";
  EXPECT_EQ(checker->journal_positions().value().at(0).sequence, number);
  expect_no_difference(*checker);
}

// Backends that are told to end while they commit: before it has happened, and after.
struct PostgresCommits : PostgresFaults {
  PostgresServer server;
  std::unique_ptr<PostgresConnection> hand = PostgresConnection::open(server.url()).value();
  std::unique_ptr<PostgresStore> store = PostgresStore::open(server.url(), clock).value();

  void run(const std::string& sql) { ASSERT_TRUE(hand->execute(sql)); }

  // Whether a backend had to end.
  bool terminate_one(const std::string& waits_for) {
    std::int64_t ended = 0;
    EXPECT_TRUE(hand->each(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE query = 'COMMIT' AND state = 'active' AND wait_event = ?",
        [&](const SqlRow& row) { ended = row.integer(0); }, waits_for));
    return ended > 0;
  }

  // `hold` makes a commit wait, for all connections to come; `release` ends that.
  void append_while_backends_end(const std::string& waits_for, const std::string& hold,
                                 const std::string& release, bool is_committed) {
    for (int round = 0; round < 8; ++round) {
      const std::vector<LedgerEntry> entries = batch();
      const std::vector<core::JournalPosition> positions = {{.journal = 1, .sequence = number}};
      ASSERT_TRUE(expected.append(entries, positions));
      run(hold);
      const auto relay = PostgresStore::open(server.url(), clock).value();
      auto appended =
          std::async(std::launch::async, [&] { return relay->append(entries, positions); });
      EXPECT_TRUE(wait_until([&] { return terminate_one(waits_for); }));
      EXPECT_FALSE(appended.get());
      run(release);
      EXPECT_EQ(store->start_beyond(number - 1).value().has_value(), is_committed);
      EXPECT_EQ(append_until_taken(*relay, entries, positions), 1);
    }
    expect_no_difference(*store);
  }
  void SetUp() override {
    const std::vector<LedgerEntry> entries = batch();
    ASSERT_TRUE(expected.append(entries, {}));
    ASSERT_TRUE(store->append(entries, {}));
  }
};

TEST_F(PostgresCommits, ABackendThatEndsBeforeItHasCommittedLeavesNoDifference) {
  run("CREATE FUNCTION wait_here() RETURNS TRIGGER LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$; "
      "CREATE CONSTRAINT TRIGGER held AFTER INSERT OR UPDATE ON key_balances "
      "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_here()");
  append_while_backends_end("PgSleep", "ALTER TABLE key_balances ENABLE TRIGGER held",
                            "ALTER TABLE key_balances DISABLE TRIGGER held", false);
}

// A commit waits for a standby that is not there: it has happened, but nobody has been told.
TEST_F(PostgresCommits, ABackendThatEndsAfterItHasCommittedLeavesNoDifference) {
  run("ALTER DATABASE postgres SET synchronous_commit = local");
  run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server.stop();
  server.start();
  hand = PostgresConnection::open(server.url()).value();
  append_while_backends_end("SyncRep", "ALTER DATABASE postgres SET synchronous_commit = on",
                            "ALTER DATABASE postgres SET synchronous_commit = local", true);
}

struct PostgresAway : PostgresFaults {
  PostgresServer server;

  void record(Journal& journal, std::size_t count) {
    for (const LedgerEntry& made : batch(count)) {
      ASSERT_TRUE(expected.append({&made, 1}, {}));
      auto slot = journal.open(made);
      ASSERT_TRUE(slot);
      journal.close(*slot, made);
    }
  }
};

TEST_F(PostgresAway, OpensWithoutItsServerAndServesOnceItIsThere) {
  server.stop();
  const auto store = PostgresStore::open(server.url(), clock).value();
  EXPECT_EQ(store->all_keys().error().code, ErrorCode::store_unavailable);
  EXPECT_EQ(store->append(batch(), {}).error().code, ErrorCode::store_unavailable);
  server.start();
  EXPECT_TRUE(store->create_key(named("alice")));
  for (int i = 0; i < 3; ++i) {
    server.stop();
    EXPECT_EQ(store->all_keys().error().code, ErrorCode::store_unavailable);
    server.start();
    EXPECT_EQ(store->all_keys().value().size(), 1u);
  }
}

TEST_F(PostgresAway, WhatWasRecordedWhileItWasAwayIsThereOnceItIsBack) {
  const TemporaryDirectory parent;
  const SystemClock system_clock;
  const auto store = PostgresStore::open(server.url(), system_clock).value();
  const JournalDirectory directory = JournalDirectory::open(parent.path() / "journal").value();
  const auto journal = Journal::create({.directory = directory.path()}).value();
  LedgerWriter writer{*store, directory, {journal.get()}, system_clock};
  writer.start();
  for (int outage = 0; outage < 4; ++outage) {
    record(*journal, 1'500);
    server.stop();
    const std::uint64_t failures = writer.counters().store_failures;
    record(*journal, 500);
    EXPECT_TRUE(wait_until([&] { return writer.counters().store_failures > failures; }));
    server.start();
  }
  EXPECT_TRUE(writer.stop(system_clock.now() + 30s));
  expect_no_difference(*store);
}

}  // namespace
}  // namespace relay::store
