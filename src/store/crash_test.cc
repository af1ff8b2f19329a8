// kill -9 at any moment: what was closed is in the ledger, once; what was open is there as owed.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>
#include <new>
#include <random>
#include <thread>

#include "store/fork_fixture.h"
#include "store/ledger_writer.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

constexpr std::size_t loops = 2;

// What the child has done, in memory that outlives it.
struct Progress {
  std::array<std::atomic<std::uint32_t>, loops> closed = {};
};

// A relay without its network: exchanges on every loop until somebody kills it. The n-th exchange
// of a key uses n tokens and is marked with them before it is closed.
class Child {
 public:
  Child(const std::filesystem::path& path, std::int64_t first_key, Progress& progress)
      : first_key_{first_key},
        progress_{progress},
        store_{SqliteStore::open(path / "relay.db", clock_).value()},
        directory_{JournalDirectory::open(path / "journal").value()} {
    std::vector<Journal*> all;
    for (auto& journal : journals_) {
      journal = Journal::create(
                    {.directory = directory_.path(), .segment_bytes = 2'048 * sizeof(JournalSlot)})
                    .value();
      all.push_back(journal.get());
    }
    writer_.emplace(*store_, directory_, all, clock_);
  }

  [[noreturn]] void run_until_killed() {
    writer_->start();
    std::array<std::jthread, loops> threads;
    for (std::size_t loop = 0; loop < loops; ++loop) {
      threads[loop] = std::jthread{[this, loop] { exchange_for_ever(loop); }};
    }
    while (true) ::pause();
  }

 private:
  void exchange_for_ever(std::size_t loop) {
    const core::KeyId key{first_key_ + static_cast<std::int64_t>(loop)};
    for (std::uint32_t number = 1;; ++number) {
      core::LedgerEntry made = entry(number, key, {.input = number});
      made.attempt = core::new_attempt_id(made.started);
      auto slot = journals_[loop]->open(made);
      for (; !slot; slot = journals_[loop]->open(made)) std::this_thread::yield();
      journals_[loop]->mark(*slot, owing({.input = number}));
      journals_[loop]->close(*slot, made);
      progress_.closed[loop] = number;
    }
  }

  std::int64_t first_key_;
  Progress& progress_;
  SystemClock clock_;
  std::unique_ptr<SqliteStore> store_;
  JournalDirectory directory_;
  std::array<std::unique_ptr<Journal>, loops> journals_;
  std::optional<LedgerWriter> writer_;
};

struct CrashTest : testing::Test {
  TemporaryDirectory directory;
  Progress* progress = new (::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Progress;

  ~CrashTest() override { ::munmap(progress, sizeof(Progress)); }

  // What each child had closed when it was killed, by key.
  std::map<core::KeyId, std::int64_t> closed_by_key;

  // Returns when a child has closed about `exchanges` exchanges and is dead.
  void run_and_kill(std::int64_t first_key, std::uint32_t exchanges) {
    for (auto& closed : progress->closed) closed = 0;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Child relay{directory.path(), first_key, *progress};
      relay.run_until_killed();
    }
    int status = 0;
    while (progress->closed[0] < exchanges) {
      ASSERT_EQ(::waitpid(child, &status, WNOHANG), 0) << "the child ended by itself";
      std::this_thread::yield();
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    for (std::size_t loop = 0; loop < loops; ++loop) {
      const core::KeyId key{first_key + static_cast<std::int64_t>(loop)};
      closed_by_key[key] = progress->closed[loop];
    }
  }

  // 1 + 2 + ... + n tokens: no exchange is missing and none is there twice. A child may have been
  // killed in the middle of one more.
  void expect_all_charged_after_recovery() {
    const SystemClock clock;
    const auto store = SqliteStore::open(directory.path() / "relay.db", clock).value();
    const auto journals = JournalDirectory::open(directory.path() / "journal").value();
    EXPECT_EQ(recover(journals, *store).value().damaged, 0u);
    for (const auto& [key, closed] : closed_by_key) {
      const core::UsageTotals totals = store->usage_totals(key).value();
      EXPECT_TRUE(totals.requests == closed || totals.requests == closed + 1)
          << totals.requests << " in the ledger, " << closed << " closed";
      EXPECT_EQ(totals.usage.input, totals.requests * (totals.requests + 1) / 2);
    }
  }
};

TEST_F(CrashTest, ChargesEveryExchangeOnceWhenKilledAtRandomMoments) {
#ifdef RELAY_NO_THREADS_AFTER_FORK
  GTEST_SKIP() << "TSan cannot start threads in a forked child";
#endif
  const std::uint32_t seed = std::random_device{}();
  std::mt19937 random{seed};
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  for (std::int64_t round = 0; round < 5 && !HasFailure(); ++round) {
    run_and_kill(1 + round * 10, static_cast<std::uint32_t>(random() % 8'000));
    if (round % 2 == 1) continue;  // The next child recovers, and may be killed while it does.
    expect_all_charged_after_recovery();
  }
  expect_all_charged_after_recovery();
}

}  // namespace
}  // namespace relay::store
