// Exchanges that wait for the disk, on a loop, with a journal, a ledger writer and a disk that the
// test holds up.
#include "app/journal_durability.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "net/task_scope.h"
#include "store/memory_store.h"
#include "store/store_fixture.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using core::KeyId;
using store::entry;

// What the disk of all journals does.
std::atomic<int> syncs = 0;
std::atomic<bool> is_held = false;  // It does not answer.
std::atomic<bool> is_broken = false;

int sync_disk(void* memory, std::size_t bytes, int flags) {
  while (is_held) std::this_thread::yield();
  ++syncs;
  errno = EIO;
  return is_broken ? -1 : ::msync(memory, bytes, flags);
}

// A store that takes nothing for as long as it is held.
class HeldStore final : public store::MemoryStore {
 public:
  std::atomic<bool> takes = false;
  Result<void> append(std::span<const core::LedgerEntry> entries,
                      std::span<const core::JournalPosition> positions) override {
    if (takes) return MemoryStore::append(entries, positions);
    return std::unexpected(Error{.code = ErrorCode::store_unavailable, .origin = Origin::store});
  }
};

// As the clock says, and later if the test wants it.
class MovedClock final : public Clock {
 public:
  std::atomic<std::chrono::milliseconds> later{0ms};
  TimePoint now() const noexcept override { return system_.now() + later.load(); }
  WallTime wall() const noexcept override { return system_.wall(); }

 private:
  SystemClock system_;
};

struct JournalDurabilityTest : testing::Test {
  store::TemporaryDirectory parent;
  HeldStore store;
  MovedClock clock;
  store::JournalDirectory directory =
      store::JournalDirectory::open(parent.path() / "journal").value();
  std::unique_ptr<store::Journal> journal =
      store::Journal::create({.directory = directory.path(),
                              .segment_bytes = 512 * sizeof(store::JournalSlot),
                              .backlog_bytes_max = 1'024 * sizeof(store::JournalSlot),
                              .disk = {.sync = &sync_disk}})
          .value();
  store::LedgerWriter writer;
  net::Loop loop{clock};
  JournalDurability durability{loop, *journal, writer};
  std::uint32_t begun = 0;
  int ended = 0;

  explicit JournalDurabilityTest(std::chrono::milliseconds interval = limits::journal_sync_interval)
      : writer{store, directory, {journal.get()}, clock, [](auto) {}, interval} {
    syncs = 0;
    is_held = false;
    is_broken = false;
    writer.start();
  }
  ~JournalDurabilityTest() override {
    is_held = false;
    is_broken = false;
    store.takes = true;
    writer.stop(clock.now() + 10s);
  }

  static Task<void> exchange(JournalDurabilityTest& test, std::uint32_t number) {
    const auto slot = test.journal->open(entry(number, KeyId{1}));
    test.journal->close(slot.value(), entry(number, KeyId{1}, {.input = 1}));
    co_await test.durability.reached();
    ++test.ended;
  }
  Task<void> begin() {
    Task<void> begun_one = exchange(*this, begun++);
    begun_one.start();
    return begun_one;
  }
  bool turn_until(const auto& condition) {
    const TimePoint deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop.poll();
    }
    return true;
  }
};

TEST_F(JournalDurabilityTest, LetsAnExchangeEndOnceItIsOnTheDisk) {
  is_held = true;
  const Task<void> waiting = begin();
  for (int turn = 0; turn < 100; ++turn) loop.poll();
  EXPECT_EQ(ended, 0) << "the disk has not answered, and the loop turns all the same";
  is_held = false;
  EXPECT_TRUE(turn_until([&] { return ended == 1; }));
  EXPECT_TRUE(journal->is_durable(1));
  EXPECT_EQ(journal->entries_waiting(), 1u) << "the store has not taken it";
}

TEST_F(JournalDurabilityTest, SyncsOnceForAllWhoWaitMeanwhile) {
  is_held = true;
  std::vector<Task<void>> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(begin());
  const int before = syncs;
  is_held = false;
  ASSERT_TRUE(turn_until([&] { return ended == 100; }));
  EXPECT_LE(syncs - before, 4) << "the one that was held up, the next one, and some in time";
}

TEST_F(JournalDurabilityTest, DoesNotWaitForTheIntervalOfTheKeeper) {
  const TimePoint before = clock.now();
  for (int i = 0; i < 50; ++i) {
    const Task<void> waiting = begin();
    ASSERT_TRUE(turn_until([&] { return ended == i + 1; }));
  }
  EXPECT_LT(clock.now() - before, 50 * limits::journal_sync_interval / 2);
}

// Those who come while others are being told, too.
struct WithALongInterval : JournalDurabilityTest {
  WithALongInterval() : JournalDurabilityTest{1h} {}
};

TEST_F(WithALongInterval, NobodyIsLeftToIt) {
  const auto exchanges = [](JournalDurabilityTest& test) -> Task<void> {
    for (int round = 0; round < 50; ++round) {
      const auto slot = test.journal->open(entry(test.begun, KeyId{1}));
      test.journal->close(slot.value(), entry(test.begun++, KeyId{1}));
      co_await test.durability.reached();
      ++test.ended;
    }
  };
  store.takes = true;
  std::vector<Task<void>> running;
  for (int i = 0; i < 8; ++i) {
    running.push_back(exchanges(*this));
    running.back().start();
  }
  EXPECT_TRUE(turn_until([&] { return ended == 400; })) << ended;
  EXPECT_EQ(writer.counters().unsynced_ends, 0u);
}

TEST_F(JournalDurabilityTest, MayBeDestroyedWhileItWaits) {
  is_held = true;
  std::vector<Task<void>> waiting;
  for (int i = 0; i < 10; ++i) waiting.push_back(begin());
  for (int i = 0; i < 10; i += 2) waiting[static_cast<std::size_t>(i)] = {};
  is_held = false;
  EXPECT_TRUE(turn_until([&] { return ended == 5; }));
}

TEST_F(JournalDurabilityTest, WaitsForTheStoreWhereTheDiskFails) {
  is_broken = true;
  const Task<void> waiting = begin();
  ASSERT_TRUE(turn_until([&] { return writer.counters().sync_failures > 0; }));
  for (int turn = 0; turn < 100; ++turn) loop.poll();
  EXPECT_EQ(ended, 0);
  is_broken = false;
  store.takes = true;
  EXPECT_TRUE(turn_until([&] { return ended == 1; }));
  EXPECT_EQ(writer.counters().unsynced_ends, 0u);
}

TEST_F(JournalDurabilityTest, GoesOnWithAnotherFileWhenADiskHasFailedOnce) {
  is_broken = true;
  const Task<void> first = begin();
  ASSERT_TRUE(turn_until([&] { return writer.counters().sync_failures > 0; }));
  is_broken = false;
  store.takes = true;
  ASSERT_TRUE(turn_until([&] { return ended == 1 && journal->entries_waiting() == 0; }));
  store.takes = false;
  ASSERT_TRUE(turn_until([&] { return journal->open(entry(9'000, KeyId{1})).has_value(); }));
  const Task<void> second = begin();
  EXPECT_TRUE(turn_until([&] { return ended == 2; })) << "by a sync, as the store takes nothing";
}

TEST_F(JournalDurabilityTest, EndsAnAnswerWithoutADiskThatDoesNotAnswerAndBeginsNothingNew) {
  is_held = true;
  const Task<void> waiting = begin();
  loop.poll();
  clock.later = limits::journal_sync_wait_max + 1s;
  ASSERT_TRUE(turn_until([&] { return ended == 1; }));
  EXPECT_EQ(writer.counters().unsynced_ends, 1u);
  const auto refused = journal->open(entry(9'000, KeyId{1}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);

  is_held = false;
  EXPECT_TRUE(turn_until([&] { return journal->open(entry(9'000, KeyId{1})).has_value(); }));
}

}  // namespace
}  // namespace relay::app
