#include "store/sqlite_copy.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

#include "store/schema.h"
#include "store/store_contract.h"

namespace relay::store {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

struct SqliteCopyTest : testing::Test {
  TemporaryDirectory directory;
  ManualClock clock;
  fs::path database = directory.path() / "relay.db";
  fs::path copy = directory.path() / "copy.db";

  std::unique_ptr<SqliteStore> open(const fs::path& path) {
    return SqliteStore::open(path, clock).value();
  }
  core::KeyId fill(core::Store& store, const std::string& name) {
    const core::KeyId key = create_one(store, named(name)).id;
    const auto number = static_cast<std::uint32_t>(key);
    EXPECT_TRUE(store.append({{entry(number, key, {.input = 40})}}, {}));
    return key;
  }
};

TEST_F(SqliteCopyTest, CopiesADatabaseThatIsInUse) {
  auto store = open(database);
  const core::KeyId key = fill(*store, "alice");
  ASSERT_TRUE(back_up_database(database, copy));
  fill(*store, "bob");

  struct stat status {};
  ASSERT_EQ(::stat(copy.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  auto copied = open(copy);
  EXPECT_EQ(copied->all_keys().value().size(), 1u);
  EXPECT_EQ(copied->usage_totals(key).value().usage.input, 40);
  EXPECT_THAT(copied->check().value(), IsEmpty());
}

TEST_F(SqliteCopyTest, OverwritesNothing) {
  open(database);
  std::ofstream{copy} << "precious";
  EXPECT_EQ(back_up_database(database, copy).error().code, ErrorCode::conflict);
  EXPECT_EQ(fs::file_size(copy), 8u);
}

TEST_F(SqliteCopyTest, RestoresACopyAndKeepsWhatWasThere) {
  {
    auto store = open(database);
    fill(*store, "alice");
    ASSERT_TRUE(back_up_database(database, copy));
    fill(*store, "bob");
  }
  const fs::path aside = restore_database(copy, database, clock.wall()).value();
  EXPECT_EQ(open(database)->all_keys().value().size(), 1u);
  EXPECT_EQ(open(aside)->all_keys().value().size(), 2u);
}

// No file can grow beyond so much while this lives, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit less{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &less);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int) = ::signal(SIGXFSZ, SIG_IGN);
  rlimit before_ = {};
};

TEST_F(SqliteCopyTest, LeavesTheDatabaseWhereItIsWhenTheCopyCannotBeWritten) {
  open(database)->create_key(named("alice")).value();
  ASSERT_TRUE(back_up_database(database, copy));
  {
    const FullDisk full{64 * 1024};
    EXPECT_EQ(restore_database(copy, database, clock.wall()).error().code,
              ErrorCode::store_unavailable);
  }
  ASSERT_TRUE(fs::exists(database));
  EXPECT_EQ(open(database)->all_keys().value().size(), 1u);
  EXPECT_TRUE(restore_database(copy, database, clock.wall())) << "and is not in its own way";
}

TEST_F(SqliteCopyTest, RestoresADatabaseFromItself) {
  open(database)->create_key(named("alice")).value();
  ASSERT_TRUE(restore_database(database, database, clock.wall()));
  EXPECT_EQ(open(database)->all_keys().value().size(), 1u);
}

TEST_F(SqliteCopyTest, NeedsANameForTheCopy) {
  open(database);
  EXPECT_EQ(back_up_database(database, "").error().code, ErrorCode::invalid_request);
}

// As for who may not enter the directory; the tests may be run by root, who may.
TEST_F(SqliteCopyTest, SaysThatAFileCannotBeLookedAt) {
  const fs::path loop = directory.path() / "loop";
  fs::create_directory_symlink(loop, loop);
  EXPECT_FALSE(back_up_database(loop / "relay.db", copy));
  EXPECT_FALSE(restore_database(loop / "copy.db", database, clock.wall()));
  EXPECT_FALSE(SqliteStore::open_to_read(loop / "relay.db", clock));
  EXPECT_FALSE(schema_status("sqlite:///" + (loop / "relay.db").string()));
}

TEST_F(SqliteCopyTest, DoesNotRestoreUnderARelayThatRuns) {
  auto store = open(database);
  ASSERT_TRUE(back_up_database(database, copy));
  EXPECT_EQ(restore_database(copy, database, clock.wall()).error().code, ErrorCode::conflict);
}

TEST_F(SqliteCopyTest, RestoresNothingThatIsDamagedOrNoBackup) {
  open(database);
  std::ofstream{copy} << "not a database, but long enough to be taken for one at first sight";
  EXPECT_EQ(restore_database(copy, database, clock.wall()).error().code,
            ErrorCode::invalid_request);
  EXPECT_TRUE(fs::exists(database));
  const fs::path nothing = directory.path() / "nothing.db";
  EXPECT_EQ(restore_database(nothing, database, clock.wall()).error().code, ErrorCode::not_found);
  const Result<fs::path> folder = restore_database(directory.path(), database, clock.wall());
  EXPECT_EQ(folder.error().message, directory.path().string() +
                                        " is a directory: name the file "
                                        "that `relay-station backup` has written.");
}

}  // namespace
}  // namespace relay::store
