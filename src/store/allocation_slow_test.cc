// Memory that is not there, at every allocation there is: a record needs none, and what does loses
// nothing, leaves nothing behind and goes on when there is memory again.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "store/ledger_writer.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

std::atomic<std::int64_t> allocations =
    0;  // Since memory was made to fail, but for spared threads.
std::atomic<std::int64_t> failing_allocation = 0;  // 0: none.
std::atomic<bool> fails_for_good = false;
std::atomic<bool> has_failed = false;
std::atomic<std::int64_t> allocated = 0;  // And not given back.
thread_local bool is_spared = false;

bool is_there_memory() noexcept {
  const std::int64_t failing = failing_allocation;
  if (failing == 0 || is_spared) return true;
  const std::int64_t number = ++allocations;
  if (number < failing || (number > failing && !fails_for_good)) return true;
  has_failed = true;
  return false;
}

}  // namespace
}  // namespace relay::store

// Not inline, or the compiler takes what they do apart and finds new and free() mismatched.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  void* const memory =
      relay::store::is_there_memory() ? std::malloc(bytes == 0 ? 1 : bytes) : nullptr;
  if (memory == nullptr) throw std::bad_alloc{};
  ++relay::store::allocated;
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  if (memory != nullptr) --relay::store::allocated;
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  ::operator delete(memory);
}

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::KeyId;
namespace fs = std::filesystem;

// While it lives the allocation of this number fails, and all after it if that is how it stays.
class FailingMemory {
 public:
  FailingMemory(std::int64_t number, bool stays) noexcept {
    allocations = 0;
    has_failed = false;
    fails_for_good = stays;
    failing_allocation = number;
  }
  FailingMemory(const FailingMemory&) = delete;
  FailingMemory& operator=(const FailingMemory&) = delete;
  ~FailingMemory() { failing_allocation = 0; }
};

constexpr KeyId key{1};
constexpr std::size_t small_segment = 8 * sizeof(JournalSlot);

JournalOptions small_journal(const fs::path& path) {
  return {
      .directory = path, .segment_bytes = small_segment, .backlog_bytes_max = 4 * small_segment};
}

// The n-th exchange is charged 2^n tokens, so a sum and a number of requests say which ones are in
// the ledger, and that each is there once.
core::LedgerEntry charged(std::uint32_t number) {
  return entry(number, key, {.input = std::int64_t{1} << number});
}

std::size_t open_files() {
  std::size_t count = 0;
  for (int file = 0; file < 256; ++file) count += ::fcntl(file, F_GETFD) < 0 ? 0 : 1;
  return count;
}

// Exchanges 0 to 2 of a killed process, of which the last was open.
void leave_behind(const fs::path& path) {
  const auto directory = JournalDirectory::open(path).value();
  const auto journal = Journal::create(small_journal(path)).value();
  for (std::uint32_t number = 0; number < 2; ++number) {
    journal->close(journal->open(charged(number)).value(), charged(number));
  }
  journal->mark(journal->open(entry(2, key)).value(), charged(2));
}

struct AllocationTest : testing::TestWithParam<bool> {
  TemporaryDirectory directory;
  SystemClock clock;
  const fs::path before = directory.path() / "before";
  const fs::path path = directory.path() / "now";
  std::uint32_t closed = 0;  // Exchanges that have to be in the ledger: the first ones.

  void SetUp() override {
    fs::create_directory(before);
    leave_behind(before / "journal");
    const auto store = SqliteStore::open(before / "relay.db", clock).value();
    ASSERT_EQ(create_one(*store, named("alice")).id, key);
  }

  void begin_anew() {
    fs::remove_all(path);
    fs::copy(before, path, fs::copy_options::recursive);
    closed = 3;
  }
  void exchange(Journal& journal) {
    const auto slot = journal.open(charged(closed));
    if (!slot) return;
    journal.mark(*slot, charged(closed));
    journal.close(*slot, charged(closed));
    ++closed;
  }
  void expect_exact_books(core::Store& store) const {
    const core::UsageTotals totals = store.usage_totals(key).value();
    EXPECT_EQ(totals.usage.input, (std::int64_t{1} << closed) - 1);
    EXPECT_EQ(totals.requests, closed);
    EXPECT_THAT(store.check().value(), testing::IsEmpty());
  }
  void recover_all(core::Store& store) const {
    const auto left = JournalDirectory::open(path / "journal").value();
    ASSERT_TRUE(recover(left, store));
  }

  // All that a process does with a journal, in one thread.
  void run(const JournalDirectory& opened, core::Store& store) {
    if (!recover(opened, store)) return;
    auto journal = Journal::create(small_journal(path / "journal"));
    if (!journal) return;
    for (int i = 0; i < 6; ++i) exchange(**journal);
    if (!(*journal)->sync() || !(*journal)->keep_room()) return;
    for (int i = 0; i < 6; ++i) exchange(**journal);
    std::vector<core::LedgerEntry> entries;
    const std::size_t count = (*journal)->collect(entries, 10);
    if (!store.append(entries, {{(*journal)->position_after(count)}})) return;
    (*journal)->release(count);
    (*journal)->remove_if_done();
  }

  // All that a process does, in the threads of a ledger writer.
  void run_writer() {
    const auto store = SqliteStore::open(path / "relay.db", clock).value();
    const auto opened = JournalDirectory::open(path / "journal").value();
    const auto journal = Journal::create(small_journal(path / "journal")).value();
    for (int i = 0; i < 6; ++i) exchange(*journal);
    LedgerWriter writer{*store, opened, {journal.get()}, clock};
    writer.start();
    exchange(*journal);
    while (writer.backlog_entries() != 0 && !has_failed) std::this_thread::yield();
    const bool is_done = writer.stop(clock.now() + (GetParam() ? 0s : 10s));
    EXPECT_TRUE(is_done || GetParam()) << "though there is memory again";
  }
};

INSTANTIATE_TEST_SUITE_P(Memory, AllocationTest, testing::Bool(),
                         [](const auto& stays) { return stays.param ? "ForGood" : "Once"; });

TEST_P(AllocationTest, IsNotNeededToRecord) {
  begin_anew();
  const auto journal = Journal::create(small_journal(path / "journal")).value();
  const core::LedgerEntry made = charged(0);
  std::vector<core::LedgerEntry> entries;
  entries.reserve(1);
  const FailingMemory none{1, true};
  for (int i = 0; i < 1'000; ++i) {
    const auto slot = journal->open(made);
    journal->mark(*slot, made);
    journal->close(*slot, made);
    journal->collect(entries, 1);
    journal->release(1);
    entries.clear();
  }
  EXPECT_EQ(allocations, 0);
}

TEST_P(AllocationTest, LosesNothingWhereverItFails) {
  const auto run_and_recover = [this](std::int64_t failing) {
    MemoryStore store{clock};
    try {
      const auto opened = JournalDirectory::open(path / "journal").value();
      const FailingMemory memory{failing, GetParam()};
      run(opened, store);
    } catch (const std::bad_alloc&) {
      // Of a thread that has somebody to tell.
    }
    recover_all(store);
    expect_exact_books(store);
  };
  begin_anew();
  run_and_recover(0);
  const std::size_t files = open_files();
  std::int64_t number = 0;
  do {
    SCOPED_TRACE(testing::Message() << "allocation " << ++number);
    begin_anew();
    const std::int64_t before_run = allocated;
    run_and_recover(number);
    EXPECT_EQ(allocated, before_run) << "leaked";
    EXPECT_EQ(open_files(), files) << "leaked";
  } while (has_failed && !HasFailure());
  EXPECT_GT(number, 20);
}

TEST_P(AllocationTest, OfTheLedgerWriterLosesNothingWhereverItFails) {
  is_spared = true;
  std::int64_t number = 0;
  do {
    SCOPED_TRACE(testing::Message() << "allocation " << ++number);
    begin_anew();
    {
      const FailingMemory failing{number, GetParam()};
      run_writer();
    }
    const auto store = SqliteStore::open(path / "relay.db", clock).value();
    recover_all(*store);
    expect_exact_books(*store);
  } while (has_failed && !HasFailure());
  is_spared = false;
  EXPECT_GT(number, 30);
}

}  // namespace
}  // namespace relay::store
