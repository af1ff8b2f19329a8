#include "store/ledger_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <semaphore>

#include "core/allowances.h"
#include "store/memory_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::JournalPosition;
using core::KeyId;
using core::LedgerEntry;

// A store that can be told to fail, before or after it has done what it was asked for.
class FaultyStore final : public MemoryStore {
 public:
  std::atomic<int> failures_left = 0;
  std::atomic<bool> fails_after_commit = false;
  std::atomic<bool> hangs = false;
  std::function<void()> meanwhile = [] {};  // While entries are on their way.

  Result<void> append(std::span<const LedgerEntry> entries,
                      std::span<const JournalPosition> positions) override {
    while (hangs) std::this_thread::yield();
    meanwhile();
    const bool fails = failures_left > 0;
    if (fails) --failures_left;
    if (fails && !fails_after_commit) return unavailable();
    if (const auto appended = MemoryStore::append(entries, positions); !appended) return appended;
    if (fails) return unavailable();
    return {};
  }

 private:
  static std::unexpected<Error> unavailable() {
    return std::unexpected(Error{.code = ErrorCode::store_unavailable, .origin = Origin::store});
  }
};

bool wait_until(const auto& condition, std::chrono::milliseconds time = 10s) {
  const TimePoint deadline = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

std::atomic<int> syncs = 0;
int count_sync(void* memory, std::size_t bytes, int flags) {
  ++syncs;
  return ::msync(memory, bytes, flags);
}

struct LedgerWriterTest : testing::Test {
  static constexpr std::size_t loops = 4;
  static constexpr std::size_t small_segment = 4'096 * sizeof(JournalSlot);

  TemporaryDirectory parent;
  FaultyStore store;
  SystemClock clock;
  std::optional<JournalDirectory> directory = open_directory();
  std::vector<std::unique_ptr<Journal>> journals = make_journals();
  std::vector<core::AttemptId> told;  // Of what was charged when it was stored.
  core::Allowances allowances{TimeZone{}};
  std::unique_ptr<LedgerWriter> writer = make_writer();

  JournalDirectory open_directory() {
    return JournalDirectory::open(parent.path() / "journal").value();
  }
  std::vector<std::unique_ptr<Journal>> make_journals() {
    std::vector<std::unique_ptr<Journal>> made;
    for (std::size_t i = 0; i < loops; ++i) {
      made.push_back(Journal::create({.directory = directory->path(),
                                      .segment_bytes = small_segment,
                                      .backlog_bytes_max = 4 * small_segment,
                                      .disk = {.sync = &count_sync}})
                         .value());
    }
    return made;
  }
  std::unique_ptr<LedgerWriter> make_writer(
      std::chrono::milliseconds sync_interval = limits::journal_sync_interval) {
    std::vector<Journal*> all;
    for (const auto& journal : journals) all.push_back(journal.get());
    const auto tell = [this](auto charges) {
      for (const LedgerEntry& charge : charges) told.push_back(charge.attempt);
      allowances.charge(charges, clock.wall());
    };
    return std::make_unique<LedgerWriter>(store, *directory, all, clock, tell, sync_interval);
  }
  // As a process that was killed leaves it, and the next one finds it.
  void restart() {
    writer.reset();
    journals.clear();
    directory.reset();
    directory = open_directory();
    journals = make_journals();
    writer = make_writer();
  }
  bool stop() { return writer->stop(clock.now() + 10s); }

  // `count` exchanges on loop `loop`, each of one token; attempts are numbered from `first`.
  void exchanges(std::size_t loop, std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t number = first; number < first + count; ++number) {
      const KeyId key{static_cast<std::int64_t>(loop)};
      auto slot = journals[loop]->open(entry(number, key));
      while (!slot) {
        std::this_thread::yield();
        slot = journals[loop]->open(entry(number, key));
      }
      journals[loop]->mark(*slot, owing({.input = 1}));
      journals[loop]->close(*slot, entry(number, key, {.input = 1}));
    }
  }
  std::int64_t charged(std::size_t loop) {
    return store.usage_totals(KeyId{static_cast<std::int64_t>(loop)}).value().usage.input;
  }
};

TEST_F(LedgerWriterTest, ShowsAnEntryInTheStoreSoonAfterItsEnd) {
  writer->start();
  ASSERT_TRUE(wait_until([&] { return writer->counters().has_recovered.load(); }));
  for (std::uint32_t number = 0; number < 5; ++number) {
    const TimePoint before = clock.now();
    exchanges(0, number, 1);
    ASSERT_TRUE(wait_until([&] { return charged(0) == number + 1; }));
    EXPECT_LT(clock.now() - before, 1s) << "200 ms on a machine with time for us";
  }
  EXPECT_EQ(writer->counters().entries_written, 5u);
}

// Else a turn would go on for as long as anything ends, with a commit for each handful.
TEST_F(LedgerWriterTest, LeavesToTheNextTurnWhatEndsDuringOne) {
  exchanges(0, 0, 5);
  std::uint32_t next = 5;
  store.meanwhile = [&] {
    if (next < 8) exchanges(0, next++, 1);
  };
  writer->drain_once(clock.now());
  EXPECT_EQ(charged(0), 5);
  EXPECT_EQ(journals[0]->entries_waiting(), 1u);
  store.meanwhile = [] {};
  writer->drain_once(clock.now());
  EXPECT_EQ(charged(0), 6);
  exchanges(0, next, 2 * limits::ledger_batch_entries_max + 1);
  writer->drain_once(clock.now());
  EXPECT_EQ(journals[0]->entries_waiting(), 0u) << "in several batches";
}

TEST_F(LedgerWriterTest, TellsOfEachResultOfABatchOnce) {
  const auto fetch = [&](std::size_t loop, std::uint32_t number) {
    LedgerEntry result = entry(number, KeyId{1}, {.input = 1});
    result.endpoint = core::Endpoint::batches;
    journals[loop]->close(journals[loop]->open(result).value(), result);
  };
  store.failures_left = 2;
  store.fails_after_commit = true;
  for (const std::uint32_t number : {1u, 2u, 1u}) fetch(0, number);
  fetch(1, 2);
  writer->start();
  ASSERT_TRUE(wait_until([&] { return writer->counters().entries_written == 4; }));
  fetch(1, 1);
  fetch(1, 3);
  exchanges(0, 4, 1);
  EXPECT_TRUE(stop());
  EXPECT_THAT(told, testing::ElementsAre(attempt(1), attempt(2), attempt(3)));
  EXPECT_EQ(charged(1), 3);
}

// The exchange itself has charged what it was granted.
TEST_F(LedgerWriterTest, ChargesAKeysLimitsWithWhatAdvisorsHaveUsedOnceItIsStored) {
  const core::Periods now = core::periods_at(TimeZone{}, clock.wall());
  core::Allowance& allowance = allowances.of(KeyId{1}, clock.wall());
  const auto record = [this](std::uint32_t number, core::Endpoint endpoint) {
    LedgerEntry recorded = entry(number, KeyId{1}, {.input = number});
    recorded.endpoint = endpoint;
    journals[0]->close(journals[0]->open(recorded).value(), recorded);
  };
  record(30, core::Endpoint::advisor);
  record(2, core::Endpoint::messages);
  store.failures_left = 1;
  store.fails_after_commit = true;
  writer->start();
  EXPECT_TRUE(stop());
  EXPECT_THAT(told, testing::ElementsAre(attempt(30)));
  EXPECT_EQ(allowance.tokens().state(core::Window::total, now).used, 30);
  EXPECT_EQ(charged(1), 32);
}

TEST_F(LedgerWriterTest, TakesEverythingToTheStoreBeforeItStops) {
  writer->start();
  for (std::size_t loop = 0; loop < loops; ++loop) {
    exchanges(loop, static_cast<std::uint32_t>(loop) * 10'000, 1'700);
  }
  EXPECT_TRUE(stop());
  for (std::size_t loop = 0; loop < loops; ++loop) EXPECT_EQ(charged(loop), 1'700);
  EXPECT_EQ(writer->backlog_entries(), 0u);
  EXPECT_THAT(store.journal_positions().value(), testing::IsEmpty());
  directory.reset();
  EXPECT_TRUE(open_directory().leftovers().empty()) << "nothing is left to recover";
}

TEST_F(LedgerWriterTest, ServesFourLoopsAtOnce) {
  constexpr std::uint32_t each = 20'000;
  writer->start();
  {
    std::vector<std::jthread> threads;
    for (std::size_t loop = 0; loop < loops; ++loop) {
      threads.emplace_back(
          [&, loop] { exchanges(loop, static_cast<std::uint32_t>(loop) * 1'000'000, each); });
    }
  }
  EXPECT_TRUE(stop());
  for (std::size_t loop = 0; loop < loops; ++loop) EXPECT_EQ(charged(loop), each);
  EXPECT_EQ(writer->counters().entries_written, loops * each);
}

TEST_F(LedgerWriterTest, LosesNothingWhileTheStoreIsAway) {
  store.failures_left = 2;
  writer->start();
  exchanges(0, 0, 1'200);
  ASSERT_TRUE(wait_until([&] { return charged(0) == 1'200; }));
  EXPECT_EQ(writer->counters().store_failures, 2u);
  EXPECT_TRUE(stop());
}

TEST_F(LedgerWriterTest, DoublesNothingWhenTheOutcomeOfACommitIsUnknown) {
  store.failures_left = 2;
  store.fails_after_commit = true;
  writer->start();
  exchanges(0, 0, 1'200);
  ASSERT_TRUE(wait_until([&] { return writer->backlog_entries() == 0; }));
  EXPECT_EQ(charged(0), 1'200);
  EXPECT_EQ(store.entries().size(), 1'200u);
  EXPECT_TRUE(stop());
}

TEST_F(LedgerWriterTest, LeavesToTheNextProcessWhatTheStoreDidNotTake) {
  store.failures_left = 1'000'000;
  writer->start();
  exchanges(0, 0, 700);
  const auto left_open = journals[1]->open(entry(9'000, KeyId{1}));
  journals[1]->mark(*left_open, owing({.input = 5}));
  EXPECT_FALSE(writer->stop(clock.now() + 50ms));
  EXPECT_EQ(writer->backlog_entries(), 700u);

  restart();
  store.failures_left = 2;
  store.fails_after_commit = true;
  writer->start();
  ASSERT_TRUE(wait_until([&] { return writer->counters().has_recovered.load(); }));
  EXPECT_EQ(charged(0), 700);
  EXPECT_EQ(charged(1), 5);
  EXPECT_EQ(writer->counters().recovered_closed, 700u);
  EXPECT_EQ(writer->counters().recovered_abandoned, 1u);
  EXPECT_TRUE(stop());
}

TEST_F(LedgerWriterTest, RefusesExchangesWhenTheBacklogIsFullAndServesAgainAfterwards) {
  store.hangs = true;
  writer->start();
  std::uint32_t number = 0;
  const auto fill = [&] {
    while (const auto slot = journals[0]->open(entry(number, KeyId{0}))) {
      journals[0]->close(*slot, entry(number, KeyId{0}, {.input = 1}));
      ++number;
    }
    return number == 4 * 4'096;
  };
  ASSERT_TRUE(wait_until(fill, 60s)) << number;
  store.hangs = false;
  // Asks the writer and not the store, which would add all of them up again and again.
  ASSERT_TRUE(wait_until([&] { return writer->backlog_entries() == 0; }, 60s));
  EXPECT_EQ(writer->counters().entries_written, number);
  exchanges(0, number, 1);
  EXPECT_TRUE(stop());
  EXPECT_EQ(charged(0), number + 1);
}

TEST_F(LedgerWriterTest, SyncsAsOftenAsItIsTold) {
  constexpr int of_all = loops;
  syncs = 0;
  writer = make_writer(10s);
  writer->start();
  ASSERT_TRUE(wait_until([] { return syncs == of_all; }));
  exchanges(0, 0, 1);
  ASSERT_TRUE(wait_until([&] { return charged(0) == 1; }));
  EXPECT_EQ(syncs, of_all) << "the next are due in ten seconds";
  EXPECT_TRUE(stop());
  EXPECT_EQ(syncs, 2 * of_all) << "and the last ones at the end";
}

TEST_F(LedgerWriterTest, SyncsAJournalAtOnceWhenSomebodyWaitsAndNoOther) {
  constexpr int of_all = loops;
  syncs = 0;
  writer = make_writer(10s);
  std::atomic<int> times = 0;
  journals[2]->on_synced([&] { ++times; });
  store.hangs = true;
  writer->start();
  ASSERT_TRUE(wait_until([] { return syncs == of_all; }));
  exchanges(2, 0, 1);
  EXPECT_FALSE(journals[2]->is_durable(1));
  writer->sync_soon(*journals[2]);
  ASSERT_TRUE(wait_until([&] { return times == 1; }));
  EXPECT_TRUE(journals[2]->is_durable(1));
  EXPECT_EQ(syncs, of_all + 1);
  store.hangs = false;
  EXPECT_TRUE(stop());
}

// What a loss of power may take does not grow with the time that a commit takes.
TEST_F(LedgerWriterTest, SyncsTheJournalsWhileTheStoreHangs) {
  store.hangs = true;
  writer->start();
  exchanges(0, 0, 1);
  const int before = syncs;
  EXPECT_TRUE(wait_until([&] { return syncs >= before + 8; }));
  store.hangs = false;
  EXPECT_TRUE(stop());
}

}  // namespace
}  // namespace relay::store
