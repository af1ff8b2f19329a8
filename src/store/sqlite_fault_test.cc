// What SQLite does when its disk fails, at every call there is: nothing is lost and nothing is
// charged twice, however far a batch had come.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>

#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

constexpr const char* name = "failing";

std::atomic<int> calls = 0;
std::atomic<int> failing_call = 0;
std::atomic<bool> fails_for_good = false;
std::atomic<bool> failed = false;

bool fails_now() noexcept {
  const int call = ++calls;
  const int failing = failing_call;
  const bool fails = failing != 0 && (call == failing || (fails_for_good && call > failing));
  if (fails) failed = true;
  return fails;
}

// A file of the real file system behind ours: SQLite allocates both as one.
struct File {
  sqlite3_file base;

  sqlite3_file* real() noexcept { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* file) noexcept {
  return reinterpret_cast<File*>(file)->real();
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  if (fails_now()) return SQLITE_FULL;
  return real(file)->pMethods->xWrite(real(file), bytes, count, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (fails_now()) return SQLITE_IOERR_TRUNCATE;
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  if (fails_now()) return SQLITE_IOERR_FSYNC;
  return real(file)->pMethods->xSync(real(file), flags);
}

template <auto Method>
struct Forward;
template <typename... Arguments, int (*sqlite3_io_methods::*Method)(sqlite3_file*, Arguments...)>
struct Forward<Method> {
  static int call(sqlite3_file* file, Arguments... arguments) {
    return (real(file)->pMethods->*Method)(real(file), arguments...);
  }
};
template <typename... Arguments, void (*sqlite3_io_methods::*Method)(sqlite3_file*, Arguments...)>
struct Forward<Method> {
  static void call(sqlite3_file* file, Arguments... arguments) {
    (real(file)->pMethods->*Method)(real(file), arguments...);
  }
};

const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = Forward<&sqlite3_io_methods::xClose>::call,
    .xRead = Forward<&sqlite3_io_methods::xRead>::call,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = Forward<&sqlite3_io_methods::xFileSize>::call,
    .xLock = Forward<&sqlite3_io_methods::xLock>::call,
    .xUnlock = Forward<&sqlite3_io_methods::xUnlock>::call,
    .xCheckReservedLock = Forward<&sqlite3_io_methods::xCheckReservedLock>::call,
    .xFileControl = Forward<&sqlite3_io_methods::xFileControl>::call,
    .xSectorSize = Forward<&sqlite3_io_methods::xSectorSize>::call,
    .xDeviceCharacteristics = Forward<&sqlite3_io_methods::xDeviceCharacteristics>::call,
    .xShmMap = Forward<&sqlite3_io_methods::xShmMap>::call,
    .xShmLock = Forward<&sqlite3_io_methods::xShmLock>::call,
    .xShmBarrier = Forward<&sqlite3_io_methods::xShmBarrier>::call,
    .xShmUnmap = Forward<&sqlite3_io_methods::xShmUnmap>::call,
    .xFetch = Forward<&sqlite3_io_methods::xFetch>::call,
    .xUnfetch = Forward<&sqlite3_io_methods::xUnfetch>::call};

sqlite3_vfs* real_system() noexcept {
  static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
  return found;
}

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* given) {
  file->pMethods = nullptr;
  const int opened = real_system()->xOpen(real_system(), path, real(file), flags, given);
  if (real(file)->pMethods != nullptr) file->pMethods = &methods;
  return opened;
}
int delete_file(sqlite3_vfs*, const char* path, int sync_directory) {
  if (fails_now()) return SQLITE_IOERR_DELETE;
  return real_system()->xDelete(real_system(), path, sync_directory);
}

sqlite3_vfs& system() noexcept {
  static sqlite3_vfs made = [] {
    sqlite3_vfs copy = *real_system();
    copy.zName = name;
    copy.szOsFile += static_cast<int>(sizeof(File));
    copy.xOpen = open_file;
    copy.xDelete = delete_file;
    return copy;
  }();
  return made;
}

// A disk under SQLite of which one call fails: SQLite's file system with a count of the calls that
// change a file (write, sync, truncate, delete). Connections that are opened while it lives go
// through it. One at a time.
class FailingDisk {
 public:
  FailingDisk() {
    fail_at(0, false);
    sqlite3_vfs_register(&system(), 1);
  }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;
  ~FailingDisk() {
    sqlite3_vfs_unregister(&system());
    sqlite3_vfs_register(real_system(), 1);
  }

  // The call of this number from now on, and all after it if that is how it `stays`. 0: none.
  void fail_at(int call, bool stays) noexcept {
    failing_call = 0;
    calls = 0;
    failed = false;
    fails_for_good = stays;
    failing_call = call;
  }
  void heal() noexcept { failing_call = 0; }
  [[nodiscard]] bool has_failed() const noexcept { return failed; }
};

constexpr std::uint32_t batches = 4;
constexpr std::uint32_t batch_entries = 30;

std::vector<core::LedgerEntry> batch(std::uint32_t number, core::KeyId key) {
  std::vector<core::LedgerEntry> entries;
  for (std::uint32_t i = 0; i < batch_entries; ++i) {
    entries.push_back(entry(number * batch_entries + i, key, {.input = 1, .output = 2}));
  }
  return entries;
}

// As the ledger writer does it: the same batch again until it is in, with the disk healed after the
// first failure or, if it stays broken, after the process was started anew.
void append_until_it_is_in(SqliteStore& store, FailingDisk& disk, std::uint32_t number,
                           core::KeyId key) {
  const std::vector<core::JournalPosition> positions = {{.journal = 7, .sequence = number + 1}};
  for (int tries = 0; tries < 5; ++tries) {
    if (store.append(batch(number, key), positions)) return;
    EXPECT_TRUE(disk.has_failed());
    disk.heal();
  }
  FAIL() << "batch " << number << " was never taken";
}

struct SqliteFaultTest : testing::TestWithParam<bool> {
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "relay.db";
  ManualClock clock;
};

TEST_P(SqliteFaultTest, ChargesEveryEntryOnceWhicheverCallFails) {
  bool has_failed = true;
  int call = 0;
  while (has_failed) {
    ++call;
    SCOPED_TRACE("call " + std::to_string(call) + (GetParam() ? " and all after it" : ""));
    std::filesystem::remove(path);
    core::KeyId key{};
    FailingDisk disk;
    {
      auto store = SqliteStore::open(path, clock).value();
      key = store->create_key(named("alice")).value().id;
      disk.fail_at(call, GetParam());
      for (std::uint32_t i = 0; i < batches; ++i) append_until_it_is_in(*store, disk, i, key);
    }
    has_failed = disk.has_failed();
    disk.heal();
    auto reopened = SqliteStore::open(path, clock).value();
    const core::UsageTotals totals = reopened->usage_totals(key).value();
    ASSERT_EQ(totals.requests, batches * batch_entries);
    ASSERT_EQ(totals.usage.total(), 3 * batches * batch_entries);
    const std::vector<core::JournalPosition> positions = reopened->journal_positions().value();
    ASSERT_EQ(positions.size(), 1u);
    ASSERT_EQ(positions.front().sequence, batches);
  }
  EXPECT_GT(call, 4 * static_cast<int>(batches)) << "calls that change the disk";
}

INSTANTIATE_TEST_SUITE_P(Disk, SqliteFaultTest, testing::Bool(),
                         [](const auto& stays) { return stays.param ? "ForGood" : "Once"; });

}  // namespace
}  // namespace relay::store
