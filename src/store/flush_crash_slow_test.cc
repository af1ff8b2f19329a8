// kill -9 after every single system call of a flush, of whichever thread, SQLite's among them: what
// was closed is in the ledger once, what was open is there as owed, and the books agree.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mman.h>

#include <atomic>
#include <new>
#include <thread>

#include "store/fork_fixture.h"
#include "store/ledger_writer.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"
#include "store/traced_process_fixture.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::KeyId;
namespace fs = std::filesystem;

constexpr KeyId key{1};
constexpr std::size_t small_segment = 8 * sizeof(JournalSlot);

// The n-th exchange is charged 2^n tokens, so a sum and a number of requests say which ones are in
// the ledger, and that each is there once. Those that are closed were not marked, so they would be
// missed in the sum if they were charged as abandoned.
core::LedgerEntry charged(std::uint32_t number) {
  return entry(number, key, {.input = std::int64_t{1} << number});
}
std::int64_t sum_of_first(std::uint32_t count) {
  return (std::int64_t{1} << count) - 1;
}

void exchange(Journal& journal, std::uint32_t number) {
  auto slot = journal.open(entry(number, key));
  for (; !slot; slot = journal.open(entry(number, key))) std::this_thread::yield();
  journal.close(*slot, charged(number));
}
void leave_open(Journal& journal, std::uint32_t number) {
  journal.mark(journal.open(entry(number, key)).value(), charged(number));
}

int syncs_until_failure = 0;
int fail_once(void* memory, std::size_t bytes, int flags) {
  errno = EIO;
  return --syncs_until_failure == 0 ? -1 : ::msync(memory, bytes, flags);
}

std::vector<sqlite3*> connections;
int note_connection(sqlite3* opened, const char**, const void*) {
  connections.push_back(opened);
  return SQLITE_OK;
}

// What a killed process has left, of which the store has a part: exchanges 0 to 3.
void leave_behind(const fs::path& path, const Clock& clock) {
  const auto store = SqliteStore::open(path / "relay.db", clock).value();
  ASSERT_EQ(create_one(*store, named("alice")).id, key);
  const auto directory = JournalDirectory::open(path / "journal").value();
  const auto journal =
      Journal::create({.directory = directory.path(), .segment_bytes = small_segment}).value();
  for (std::uint32_t number = 0; number < 3; ++number) exchange(*journal, number);
  leave_open(*journal, 3);
  const core::JournalPosition position = journal->position_after(1);
  ASSERT_TRUE(store->append({{charged(0)}}, {{position}}));
}

constexpr std::uint32_t exchanges_before = 11;

// A relay without its network that has ended some exchanges when it begins to be traced: then it
// recovers, takes everything to the store in two commits, of which each is followed by a
// checkpoint, finds that a journal cannot be synced, replaces it, stops and closes everything.
class Relay {
 public:
  explicit Relay(const fs::path& path)
      : store_{SqliteStore::open(path / "relay.db", clock_).value()},
        directory_{JournalDirectory::open(path / "journal").value()},
        first_{make_journal()},
        second_{make_journal()},
        writer_{*store_, directory_, {first_.get(), second_.get()}, clock_} {
    sqlite3_wal_autocheckpoint(connections.front(), 1);
    for (std::uint32_t number = 4; number < 9; ++number) exchange(*first_, number);
    exchange(*second_, 9);
    leave_open(*second_, 10);
  }

  void run(std::atomic<bool>& has_closed_last) {
    syncs_until_failure = 1;
    writer_.start();
    while (writer_.backlog_entries() != 0) std::this_thread::yield();
    exchange(*first_, exchanges_before);
    has_closed_last = true;
    writer_.stop(clock_.now() + 30s);
  }

 private:
  std::unique_ptr<Journal> make_journal() {
    return Journal::create({.directory = directory_.path(),
                            .segment_bytes = small_segment,
                            .backlog_bytes_max = 4 * small_segment,
                            .disk = {.sync = &fail_once}})
        .value();
  }

  SystemClock clock_;
  std::unique_ptr<SqliteStore> store_;
  JournalDirectory directory_;
  std::unique_ptr<Journal> first_;
  std::unique_ptr<Journal> second_;
  LedgerWriter writer_;
};

struct FlushCrashTest : testing::Test {
  TemporaryDirectory directory;
  SystemClock clock;
  const fs::path before = directory.path() / "before";
  const fs::path path = directory.path() / "killed";
  std::atomic<bool>* const has_closed_last =
      new (::mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<bool>;

  void SetUp() override {
    fs::create_directory(before);
    leave_behind(before, clock);
  }
  ~FlushCrashTest() override { ::munmap(has_closed_last, sizeof(std::atomic<bool>)); }

  TracedProcess::End run_and_kill(const Fault& point) {
    fs::remove_all(path);
    fs::copy(before, path, fs::copy_options::recursive);
    *has_closed_last = false;
    const auto outcome = TracedProcess::run(point, [this] {
      sqlite3_auto_extension(reinterpret_cast<void (*)()>(note_connection));
      Relay relay{path};
      TracedProcess::be_traced();
      relay.run(*has_closed_last);
    });
    return outcome.end;
  }

  // The last exchange may have been cut off while it was recorded, and is then charged nothing.
  void expect_exact_books_after_recovery() {
    const auto store = SqliteStore::open(path / "relay.db", clock).value();
    {
      const auto journals = JournalDirectory::open(path / "journal").value();
      ASSERT_EQ(recover(journals, *store).value().damaged, 0u);
    }
    EXPECT_TRUE(JournalDirectory::open(path / "journal").value().leftovers().empty());
    EXPECT_THAT(store->check().value(), testing::IsEmpty());

    const core::UsageTotals totals = store->usage_totals(key).value();
    if (*has_closed_last || totals.usage.input > sum_of_first(exchanges_before)) {
      EXPECT_EQ(totals.usage.input, sum_of_first(exchanges_before + 1));
      EXPECT_EQ(totals.requests, exchanges_before + 1);
    } else {
      EXPECT_EQ(totals.usage.input, sum_of_first(exchanges_before));
      EXPECT_THAT(totals.requests, testing::AnyOf(exchanges_before, exchanges_before + 1));
    }
  }

  std::string integrity() {
    std::string said;
    auto opened = SqliteConnection::open(path / "relay.db", SqlConnection::Access::read_only);
    EXPECT_TRUE(opened->each("PRAGMA integrity_check",
                             [&said](const SqlRow& row) { said += row.text(0); }));
    return said;
  }

  // Returns at how many points the thread was killed.
  std::size_t kill_everywhere(std::size_t thread) {
    for (Fault point{.thread = thread};; ++point.call) {
      SCOPED_TRACE(fmt::format("thread {}, call {}", point.thread, point.call));
      const TracedProcess::End end = run_and_kill(point);
      EXPECT_TRUE(end == TracedProcess::End::killed || end == TracedProcess::End::exited);
      expect_exact_books_after_recovery();
      EXPECT_EQ(integrity(), "ok");
      if (end != TracedProcess::End::killed || HasFailure()) return point.call - 1;
    }
  }
};

TEST_F(FlushCrashTest, ChargesEveryExchangeOnceWhereverAFlushIsKilled) {
#ifdef RELAY_NO_THREADS_AFTER_FORK
  GTEST_SKIP() << "TSan cannot start threads in a forked child";
#endif
  if (run_and_kill({}) == TracedProcess::End::not_permitted) {
    GTEST_SKIP() << "no process may be traced here: allow ptrace (CAP_SYS_PTRACE, seccomp)";
  }
  const std::size_t main = kill_everywhere(0);
  const std::size_t drain = kill_everywhere(1);
  const std::size_t keeper = kill_everywhere(2);
  fmt::print("killed at {} points: {} of the main thread, {} of the drain, {} of the keeper\n",
             main + drain + keeper, main, drain, keeper);
  EXPECT_GT(main, 30u);
  EXPECT_GT(drain, 100u);
  EXPECT_GT(keeper, 10u);
}

}  // namespace
}  // namespace relay::store
