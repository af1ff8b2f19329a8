// A start on a full disk, at every size of it: here a bound on the size of files, which fails the
// same calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "store/journal.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

// No file of this process grows beyond it while it lives.
class FileSizeBound {
 public:
  explicit FileSizeBound(std::size_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit bound = {.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &bound), 0);
  }
  FileSizeBound(const FileSizeBound&) = delete;
  FileSizeBound& operator=(const FileSizeBound&) = delete;
  ~FileSizeBound() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_ = {};
};

struct FullDiskTest : testing::Test {
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "relay.db";
  ManualClock clock;
};

// For a bound on files and for a quota SQLite has only general words.
TEST_F(FullDiskTest, IsAFailureOfTheDatabaseWhateverItStopsAndLeavesNothingBroken) {
  std::size_t room = 0;
  for (bool is_open = false; !is_open; room += 4096) {
    SCOPED_TRACE(std::to_string(room) + " bytes");
    const FileSizeBound bound{room};
    const auto store = SqliteStore::open(path, clock);
    is_open = store.has_value();
    if (is_open) break;
    ASSERT_EQ(store.error().code, ErrorCode::store_unavailable);
    ASSERT_THAT(store.error().detail,
                AnyOf(HasSubstr("the disk is full"), HasSubstr("disk I/O error")));
    ASSERT_THAT(store.error().detail, HasSubstr(path.string()));
  }
  EXPECT_GT(room, 20u * 4096);
  EXPECT_TRUE(SqliteStore::open(path, clock).value()->create_key(named("alice")));
}

TEST_F(FullDiskTest, IsNamedByTheJournalAndLeavesNoFile) {
  const FileSizeBound bound{limits::journal_segment_bytes - 1};
  const auto made = Journal::create({.directory = directory.path()});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::overloaded);
  EXPECT_THAT(made.error().detail, HasSubstr("the disk is full"));
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace relay::store
