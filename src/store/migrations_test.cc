#include "store/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sqlite.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using testing::HasSubstr;

struct MigrationsTest : testing::Test {
  TemporaryDirectory directory;
  SqliteConnection database =
      SqliteConnection::open(directory.path() / "relay.db", SqliteConnection::Access::read_write)
          .value();
  std::vector<Migration> migrations = {
      {1, "first", "CREATE TABLE one (a); CREATE TABLE two (b);", "DROP TABLE two; DROP TABLE one"},
      {2, "second", "CREATE TABLE three (c)", "DROP TABLE three"}};

  std::string schema() {
    std::string text;
    EXPECT_TRUE(
        database.each("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
                      [&](const SqlRow& row) { text.append(row.text(0)) += "\n"; }));
    return text;
  }
};

TEST_F(MigrationsTest, GoesUpAndDownAndUpAgainToTheSameSchema) {
  const std::span all = sqlite_migrations();
  ASSERT_TRUE(migrate(database, all, 0, WallTime{}));
  std::vector<std::string> schemas = {schema()};
  for (int version = 1; version <= static_cast<int>(all.size()); ++version) {
    ASSERT_TRUE(migrate(database, all, version, WallTime{}));
    schemas.push_back(schema());
    EXPECT_NE(schemas[schemas.size() - 2], schemas.back());
  }
  for (int version = static_cast<int>(all.size()); version >= 0; --version) {
    ASSERT_TRUE(migrate(database, all, version, WallTime{}));
    EXPECT_EQ(schema(), schemas[static_cast<std::size_t>(version)]) << version;
  }
  ASSERT_TRUE(migrate(database, all, WallTime{}));
  EXPECT_EQ(schema(), schemas.back());
}

TEST_F(MigrationsTest, AreNumberedWithoutAGap) {
  int expected = 0;
  for (const Migration& migration : sqlite_migrations()) EXPECT_EQ(migration.version, ++expected);
}

TEST_F(MigrationsTest, AreAppliedOnce) {
  ASSERT_TRUE(migrate(database, migrations, WallTime{}));
  EXPECT_TRUE(migrate(database, migrations, WallTime{}));
}

TEST_F(MigrationsTest, RefuseADatabaseThatIsNewerAndSayWhatToDo) {
  ASSERT_TRUE(migrate(database, migrations, WallTime{}));
  const auto refused = migrate(database, std::span{migrations}.first(1), WallTime{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().detail, HasSubstr("schema 2, this relay-station knows up to 1: run"));
}

TEST_F(MigrationsTest, RefuseADatabaseThatAnotherTextMade) {
  ASSERT_TRUE(migrate(database, migrations, WallTime{}));
  migrations[0].up = "CREATE TABLE one (a, edited); CREATE TABLE two (b);";
  const auto refused = migrate(database, migrations, WallTime{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().detail, HasSubstr("migration 1 (first)"));
}

TEST_F(MigrationsTest, LeaveNothingOfAStepThatFails) {
  migrations[1].up = "CREATE TABLE three (c); CREATE TABLE one (again)";
  const auto failed = migrate(database, migrations, WallTime{});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().detail, HasSubstr("table one already exists"));
  EXPECT_THAT(schema(), testing::Not(HasSubstr("three")));
  migrations[1].up = "CREATE TABLE three (c)";
  EXPECT_TRUE(migrate(database, migrations, WallTime{}));
}

}  // namespace
}  // namespace relay::store
