#include "store/schema.h"

#include <gmock/gmock.h>

#include <fstream>

#include "store/new_migration.h"
#include "store/open_store.h"
#include "store/postgres_fixture.h"
#include "store/sqlite.h"

namespace relay::store {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

// For each dialect. What is created has one key.
struct SchemaTest : testing::TestWithParam<bool> {
  TemporaryDirectory directory;
  ManualClock clock;
  fs::path file = directory.path() / "relay.db";
  std::string url =
      GetParam() ? postgres_server().url_of_new_schema() : "sqlite:///" + file.string();
  int newest = static_cast<int>((GetParam() ? postgres_migrations() : sqlite_migrations()).size());

  void create() {
    const auto store = open_store(url, clock).value();
    ASSERT_TRUE(store->create_key(named("alice")));
  }
  std::unique_ptr<SqlConnection> hand() {
    if (GetParam()) return PostgresConnection::open(url).value();
    return std::make_unique<SqliteConnection>(
        SqliteConnection::open(file, SqlConnection::Access::read_write).value());
  }
  std::vector<MigrationState> states() {
    const std::vector<MigrationStatus> steps = schema_status(url).value();
    std::vector<MigrationState> all;
    for (const MigrationStatus& step : steps) all.push_back(step.state);
    return all;
  }
  std::vector<MigrationState> taken(int count) const {
    std::vector<MigrationState> all(static_cast<std::size_t>(newest), MigrationState::pending);
    std::fill_n(all.begin(), count, MigrationState::applied);
    return all;
  }
};

TEST_P(SchemaTest, IsMadeAndTakenDownAndUpAgain) {
  const SchemaChange made = migrate_up(url, clock.wall()).value();
  EXPECT_EQ(made.from, 0);
  EXPECT_EQ(made.to, newest);
  EXPECT_EQ(made.copy, "") << "there was nothing";
  EXPECT_EQ(states(), taken(newest));
  EXPECT_EQ(schema_status(url).value().front().applied_at, clock.wall());

  const SchemaChange down = migrate_down(url, newest - 1, clock.wall()).value();
  EXPECT_EQ(down.from, newest);
  EXPECT_EQ(down.to, newest - 1);
  EXPECT_EQ(states(), taken(newest - 1));
  EXPECT_TRUE(open_store(url, clock)) << "which goes up again";
  EXPECT_EQ(states(), taken(newest));
}

TEST_P(SchemaTest, StaysWhereItIsWhenThereIsNothingToDo) {
  create();
  const SchemaChange up = migrate_up(url, clock.wall()).value();
  EXPECT_EQ(up.from, up.to);
  EXPECT_EQ(up.copy, "");
  EXPECT_EQ(migrate_down(url, newest, clock.wall()).value().copy, "");
  EXPECT_EQ(open_store(url, clock).value()->all_keys().value().size(), 1u);
}

TEST_P(SchemaTest, DoesNotGoDownToWhatIsAbove) {
  create();
  for (const int version : {newest + 1, -1}) {
    const auto refused = migrate_down(url, version, clock.wall());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  }
  EXPECT_EQ(states(), taken(newest));
}

TEST_P(SchemaTest, OfANewerVersionIsLeftAloneByAllAndShown) {
  create();
  ASSERT_TRUE(hand()->execute("INSERT INTO schema_migrations VALUES (9, 'later', 1, 1)"));
  for (const Error& error :
       {open_store(url, clock).error(), open_store_to_read(url, clock).error(),
        migrate_up(url, clock.wall()).error(), migrate_down(url, 0, clock.wall()).error()}) {
    EXPECT_EQ(error.code, ErrorCode::conflict);
    EXPECT_THAT(error.detail,
                HasSubstr("`relay-station migrate down " + std::to_string(newest) + "`"));
  }
  const MigrationStatus last = schema_status(url).value().back();
  EXPECT_EQ(last.version, 9);
  EXPECT_EQ(last.name, "later");
  EXPECT_EQ(last.state, MigrationState::unknown);
}

TEST_P(SchemaTest, OfAnotherTextIsLeftAloneAndShown) {
  create();
  ASSERT_TRUE(hand()->execute("UPDATE schema_migrations SET checksum = 7 WHERE version = 1"));
  const auto refused = open_store(url, clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().detail, HasSubstr("`relay-station migrate status`"));
  EXPECT_EQ(schema_status(url).value().front().state, MigrationState::edited);
}

TEST_P(SchemaTest, IsNotTakenDownUnderARelay) {
  create();
  const auto store = open_store(url, clock).value();
  std::atomic<bool> is_heard = false;
  const auto listener = listen_for_changes(url, [&](const std::string&) { is_heard = true; });
  if (listener) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!is_heard && std::chrono::steady_clock::now() < deadline) ::poll(nullptr, 0, 5);
  }
  const auto refused = migrate_down(url, 0, clock.wall());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(store->all_keys().value().size(), 1u);
}

TEST_P(SchemaTest, IsNotThereAtFirst) {
  const auto status = schema_status(url);
  if (GetParam()) {
    EXPECT_EQ(states(), taken(0));
    EXPECT_FALSE(hand()->run("SELECT 1 FROM schema_migrations")) << "to ask makes nothing";
  } else {
    EXPECT_EQ(status.error().code, ErrorCode::not_found);
    EXPECT_EQ(migrate_down(url, 0, clock.wall()).error().code, ErrorCode::not_found);
    EXPECT_FALSE(fs::exists(file));
  }
}

INSTANTIATE_TEST_SUITE_P(Dialects, SchemaTest, testing::Bool(), [](const auto& is_postgres) {
  return is_postgres.param ? "Postgres" : "Sqlite";
});

struct SqliteSchemaTest : testing::Test {
  TemporaryDirectory directory;
  ManualClock clock;
  fs::path file = directory.path() / "relay.db";
  std::string url = "sqlite:///" + file.string();

  std::vector<std::string> copies() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{directory.path()}) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("relay.db.schema-") && !name.ends_with("-shm") &&
          !name.ends_with("-wal"))
        names.push_back(name);
    }
    return names;
  }
};

TEST_F(SqliteSchemaTest, IsCopiedBeforeItIsTakenDown) {
  ASSERT_TRUE(open_store(url, clock).value()->create_key(named("alice")));
  const SchemaChange down = migrate_down(url, 0, clock.wall()).value();
  EXPECT_EQ(down.copy.parent_path(), directory.path());
  EXPECT_THAT(down.copy.filename().string(),
              testing::StartsWith("relay.db.schema-" + std::to_string(down.from) + "-"));
  EXPECT_TRUE(open_store(url, clock).value()->all_keys().value().empty());
  EXPECT_EQ(open_store("sqlite:///" + down.copy.string(), clock).value()->all_keys().value().size(),
            1u);
}

TEST_F(SqliteSchemaTest, IsCopiedBeforeAServerTakesItUp) {
  ASSERT_TRUE(migrate_up(url, clock.wall()));
  const fs::path first = migrate_down(url, 1, clock.wall()).value().copy;
  fs::remove(first);
  ASSERT_TRUE(open_store(url, clock));
  ASSERT_EQ(copies().size(), 1u);
  EXPECT_THAT(copies()[0], testing::StartsWith("relay.db.schema-1-"));
}

TEST_F(SqliteSchemaTest, LeavesNoCopyWhenItCouldNotBeChanged) {
  ASSERT_TRUE(migrate_up(url, clock.wall()));
  fs::remove(migrate_down(url, 1, clock.wall()).value().copy);
  auto hand = SqliteConnection::open(file, SqlConnection::Access::read_write).value();
  ASSERT_TRUE(hand.execute("CREATE TABLE audit (in_the_way INTEGER)"));
  const auto failed = open_store(url, clock);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().detail, HasSubstr("table audit already exists"));
  EXPECT_THAT(copies(), IsEmpty());
}

TEST(NewMigration, WritesTheNextPairOfEachDialect) {
  const TemporaryDirectory directory;
  fs::create_directory(directory.path() / "sqlite");
  EXPECT_EQ(new_migration(directory.path(), "colours").error().code, ErrorCode::not_found);
  EXPECT_TRUE(fs::is_empty(directory.path() / "sqlite")) << "all or nothing";

  fs::create_directory(directory.path() / "postgres");
  std::ofstream{directory.path() / "sqlite" / "0008_before.up.sql"};
  const auto files = new_migration(directory.path(), "colours").value();
  ASSERT_EQ(files.size(), 4u);
  EXPECT_THAT(files[0].string(), EndsWith("/sqlite/0009_colours.up.sql"));
  EXPECT_THAT(files[1].string(), EndsWith("/sqlite/0009_colours.down.sql"));
  EXPECT_THAT(files[2].string(), EndsWith("/postgres/0001_colours.up.sql"));
  EXPECT_THAT(files[3].string(), EndsWith("/postgres/0001_colours.down.sql"));
  for (const fs::path& file : files) EXPECT_GT(fs::file_size(file), 0u);
}

TEST(NewMigration, TakesNoNameThatTheBuildWouldNot) {
  const TemporaryDirectory directory;
  for (const char* const name : {"", "Colours", "key-colours", "../colours"}) {
    EXPECT_EQ(new_migration(directory.path(), name).error().code, ErrorCode::invalid_request);
  }
}

}  // namespace
}  // namespace relay::store
