// A journal whose disk fails at every call there is, whichever thread makes it: the process lives,
// what it has taken in is charged once, and it takes nothing in that it cannot record.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <fstream>
#include <new>
#include <thread>

#include "store/fork_fixture.h"
#include "store/ledger_writer.h"
#include "store/memory_store.h"
#include "store/store_fixture.h"
#include "store/traced_process_fixture.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::KeyId;
namespace fs = std::filesystem;

constexpr std::size_t small_segment = 8 * sizeof(JournalSlot);
constexpr std::uint32_t left_closed = 3;     // By a killed process: numbers 0 to 2. Then come
constexpr std::uint32_t left_open = 3;       // one that was open
constexpr std::uint32_t left_damaged = 4;    // and one that cannot be read.
constexpr std::uint32_t first_exchange = 5;  // Of the process that is under test.
constexpr std::uint32_t exchanges = 20;
constexpr std::uint32_t long_ones = 5;  // The first of them last: a second segment is wanted.

// What becomes of the exchanges, in memory that outlives the process.
struct Fates {
  struct Fate {
    std::atomic<bool> is_closed = false;
    std::atomic<std::int64_t> charged = 0;  // Tokens.
    std::atomic<int> times = 0;
  };
  std::array<Fate, first_exchange + exchanges> of = {};
  std::atomic<bool> has_started = false;
  std::atomic<bool> has_left_nothing = false;  // As it said.
  std::atomic<bool> has_leaked = false;
};

std::int64_t tokens_of(std::uint32_t number) {
  return 100 + number;
}

// A store that charges in that memory. As every store it charges an attempt once.
class SharedStore final : public MemoryStore {
 public:
  explicit SharedStore(Fates& fates) : fates_{fates} {}

  Result<void> append(std::span<const core::LedgerEntry> entries,
                      std::span<const core::JournalPosition> positions) override {
    for (const core::LedgerEntry& entry : entries) {
      Fates::Fate& fate = fates_.of.at(entry.attempt.bytes[3]);
      if (fate.times++ == 0) fate.charged = entry.usage.input;
    }
    return MemoryStore::append(entries, positions);
  }

 private:
  Fates& fates_;
};

void end(Journal& journal, core::LedgerSlot slot, std::uint32_t number) {
  journal.close(slot, entry(number, KeyId{1}, {.input = tokens_of(number)}));
}

void leave_behind(const fs::path& path) {
  const auto journal = Journal::create({.directory = path, .segment_bytes = small_segment}).value();
  const auto open = [&](std::uint32_t number) {
    return journal->open(entry(number, KeyId{1})).value();
  };
  for (std::uint32_t number = 0; number < left_closed; ++number) {
    end(*journal, open(number), number);
  }
  journal->mark(open(left_open), owing({.input = tokens_of(left_open)}));
  open(left_damaged);
  const fs::path file = fs::directory_iterator(path)->path();
  std::fstream{file, std::ios::in | std::ios::out | std::ios::binary}
      .seekp(left_damaged * sizeof(JournalSlot) + 100)
      .write("damage", 6);
}

std::size_t open_files() {
  std::size_t count = 0;
  for (int file = 0; file < 256; ++file) count += ::fcntl(file, F_GETFD) < 0 ? 0 : 1;
  return count;
}

// A relay without its network, from its start to its end.
class Relay {
 public:
  Relay(const fs::path& path, bool is_healed_at_once, Fates& fates)
      : is_healed_at_once_{is_healed_at_once}, fates_{fates}, store_{fates} {
    auto directory = JournalDirectory::open(path);
    if (!directory) return;
    directory_ = *std::move(directory);
    auto journal = Journal::create({.directory = path,
                                    .segment_bytes = small_segment,
                                    .backlog_bytes_max = 2 * small_segment});
    if (!journal) return;
    journal_ = *std::move(journal);
    fates_.has_started = true;
  }

  void run() {
    if (!fates_.has_started) return;
    std::vector<core::LedgerSlot> slots;
    for (std::uint32_t i = 0; i < long_ones; ++i) slots.push_back(*open(first_exchange + i));
    LedgerWriter writer{store_, *directory_, {journal_.get()}, clock_};
    writer.start();
    for (std::uint32_t number = first_exchange + long_ones; number < fates_.of.size(); ++number) {
      if (number % 4 == 0) wait_for_the_writer(writer);
      if (const auto slot = open(number)) close(*slot, number);
    }
    for (std::uint32_t i = 0; i < long_ones; ++i) close(slots[i], first_exchange + i);
    fates_.has_left_nothing = writer.stop(clock_.now() + (is_healed_at_once_ ? 10s : 0s));
  }

 private:
  // What has failed once works again: then every exchange finds room, in time.
  Result<core::LedgerSlot> open(std::uint32_t number) {
    const TimePoint deadline = clock_.now() + (is_healed_at_once_ ? 10s : 0s);
    while (true) {
      auto slot = journal_->open(entry(number, KeyId{1}));
      if (slot || clock_.now() >= deadline) return slot;
      std::this_thread::yield();
    }
  }
  void close(core::LedgerSlot slot, std::uint32_t number) {
    end(*journal_, slot, number);
    fates_.of.at(number).is_closed = true;
  }

  // So that it has something to do between exchanges.
  void wait_for_the_writer(const LedgerWriter& writer) const {
    const TimePoint deadline = clock_.now() + 10ms;
    while (writer.backlog_entries() != 0 && clock_.now() < deadline) std::this_thread::yield();
  }

  const bool is_healed_at_once_;
  Fates& fates_;
  SystemClock clock_;
  SharedStore store_;
  std::optional<JournalDirectory> directory_;
  std::unique_ptr<Journal> journal_;
};

struct JournalFaultTest : testing::TestWithParam<std::tuple<Fault::Kind, int>> {
  TemporaryDirectory directory;
  const fs::path path = directory.path() / "journal";
  const Fault::Kind kind = std::get<0>(GetParam());
  const bool is_healed_at_once = kind == Fault::Kind::fail;
  void* const shared =
      ::mmap(nullptr, sizeof(Fates), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Fates* fates = nullptr;

  ~JournalFaultTest() override { ::munmap(shared, sizeof(Fates)); }

  TracedProcess::Outcome run_with(const Fault& fault) {
    fs::remove_all(path);
    fs::create_directory(path);
    leave_behind(path);
    fates = new (shared) Fates;
    return TracedProcess::run(fault, [this] {
      const std::size_t files = open_files();
      TracedProcess::be_traced();
      Relay{path, is_healed_at_once, *fates}.run();
      fates->has_leaked = open_files() != files;
    });
  }

  void expect_exact_charges_after_recovery() {
    SharedStore store{*fates};
    {
      const auto left = JournalDirectory::open(path).value();
      EXPECT_TRUE(left.leftovers().empty() || !fates->has_left_nothing);
      ASSERT_TRUE(recover(left, store));
    }
    EXPECT_TRUE(JournalDirectory::open(path).value().leftovers().empty());
    for (std::uint32_t number = 0; number < fates->of.size(); ++number) {
      const Fates::Fate& fate = fates->of.at(number);
      const bool is_owed = fate.is_closed || number <= left_open;
      EXPECT_EQ(fate.charged, is_owed ? tokens_of(number) : 0) << number;
      if (is_healed_at_once && fates->has_started && number >= first_exchange) {
        EXPECT_TRUE(fate.is_closed) << "not taken in though the disk was healed: " << number;
      }
    }
  }

  void expect_the_damage_was_kept() {
    std::size_t bytes = 0;
    for (const fs::directory_entry& file : fs::directory_iterator{path}) {
      if (file.path().extension() == ".corrupt") bytes += file.file_size();
    }
    EXPECT_EQ(bytes, sizeof(JournalSlot));
  }

  // Returns how many calls of the thread have failed.
  std::size_t fail_everywhere(std::size_t thread) {
    for (Fault fault{.kind = kind, .error = std::get<1>(GetParam()), .thread = thread};;
         ++fault.call) {
      SCOPED_TRACE(fmt::format("thread {}, call {}", fault.thread, fault.call));
      const TracedProcess::Outcome outcome = run_with(fault);
      EXPECT_EQ(outcome.end, TracedProcess::End::exited);
      EXPECT_FALSE(fates->has_leaked);
      expect_exact_charges_after_recovery();
      expect_the_damage_was_kept();
      if (!outcome.has_fault || HasFailure()) return fault.call - 1;
    }
  }
};

std::string name_of(const testing::TestParamInfo<JournalFaultTest::ParamType>& info) {
  const bool is_once = std::get<0>(info.param) == Fault::Kind::fail;
  const bool is_broken = std::get<1>(info.param) == EIO;
  return std::string{is_broken ? "Broken" : "Full"} + (is_once ? "Once" : "ForGood");
}

INSTANTIATE_TEST_SUITE_P(Disk, JournalFaultTest,
                         testing::Combine(testing::Values(Fault::Kind::fail, Fault::Kind::fail_all),
                                          testing::Values(EIO, ENOSPC)),
                         name_of);

TEST_P(JournalFaultTest, LosesNothingWhicheverCallFails) {
#ifdef RELAY_NO_THREADS_AFTER_FORK
  GTEST_SKIP() << "TSan cannot start threads in a forked child";
#endif
  if (run_with({.kind = kind}).end == TracedProcess::End::not_permitted) {
    GTEST_SKIP() << "no process may be traced here: allow ptrace (CAP_SYS_PTRACE, seccomp)";
  }
  const std::size_t main = fail_everywhere(0);
  const std::size_t drain = fail_everywhere(1);
  const std::size_t keeper = fail_everywhere(2);
  fmt::print("failed at {} calls: {} of the main thread, {} of the drain, {} of the keeper\n",
             main + drain + keeper, main, drain, keeper);
  EXPECT_GE(main, 10u);
  EXPECT_GE(drain, 5u);
  EXPECT_GE(keeper, 7u);
}

}  // namespace
}  // namespace relay::store
