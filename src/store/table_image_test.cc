#include "store/table_image.h"

#include <gmock/gmock.h>

#include <limits>
#include <set>
#include <string>

#include "store/store_fixture.h"

namespace relay::store {
namespace {

using testing::ElementsAre;

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

struct TableImageTest : testing::Test {
  TemporaryDirectory directory;
  TableImage image;
  SqliteConnection database =
      SqliteConnection::open(directory.path() / "some.db", SqlConnection::Access::read_write)
          .value();

  void SetUp() override {
    ASSERT_TRUE(database.execute(
        "PRAGMA journal_mode = WAL; CREATE TABLE things (id INTEGER PRIMARY KEY, "
        "number INTEGER NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL) STRICT"));
    ASSERT_TRUE(image.attach(database, "things", 10));
  }
  void add(std::int64_t id, std::int64_t number, std::string_view name = "name") {
    const std::array<std::uint8_t, 3> bytes = {0, 0xff, 7};
    SqliteRecord record;
    record.clear();
    record.add_id();
    record.add(number);
    record.add(name);
    record.add(bytes);
    image.add(id, record);
  }
  Result<void> insert() {
    image.end();
    Result<void> begun = database.execute("BEGIN IMMEDIATE");
    if (!begun) return begun;
    Result<void> done = database.run(
        "INSERT OR ROLLBACK INTO main.things SELECT * FROM "
        "image.things");
    if (!done) return done;
    return database.execute("COMMIT");
  }
  std::vector<std::string> asked(SqlText sql) {
    std::vector<std::string> all;
    EXPECT_TRUE(database.each(sql, [&](const SqlRow& row) { all.emplace_back(row.text(0)); }));
    return all;
  }
};

TEST_F(TableImageTest, HasNumbersOfEverySizeAsTheyAre) {
  std::set<std::int64_t> numbers = {least, most, 0};
  for (int bits = 0; bits < 63; ++bits) {
    const std::int64_t power = std::int64_t{1} << bits;
    for (const std::int64_t number : {power - 1, power, power + 1}) {
      numbers.insert({number, -number});
    }
  }
  ASSERT_TRUE(image.begin(database, numbers.size()));
  for (const std::int64_t number : numbers) add(number, number, std::to_string(number));
  ASSERT_TRUE(insert());
  EXPECT_THAT(asked("SELECT count(*) FROM things WHERE number = id AND name = CAST(id AS TEXT) AND "
                    "bytes = x'00ff07'"),
              ElementsAre(std::to_string(numbers.size())));
  EXPECT_THAT(asked("SELECT DISTINCT typeof(number) || typeof(name) || typeof(bytes) FROM things"),
              ElementsAre("integertextblob"));
  EXPECT_THAT(asked("PRAGMA main.integrity_check"), ElementsAre("ok"));
}

// SQLite itself looks whether this is one of its files.
TEST_F(TableImageTest, IsAnIntactDatabaseWhateverIsInIt) {
  std::int64_t id = 0;
  std::int64_t rows_of_all = 0;
  for (const std::int64_t rows : {0, 1, 2, 50, 3, 20'000, 0, 700, 1}) {
    ASSERT_TRUE(image.begin(database, static_cast<std::size_t>(rows)));
    for (std::int64_t i = 0; i < rows; ++i) {
      ++id;
      add(id, id, std::string(static_cast<std::size_t>(id * 7 % 400), 'x'));
    }
    ASSERT_TRUE(insert());
    rows_of_all += rows;
    EXPECT_THAT(asked("PRAGMA image.integrity_check"), ElementsAre("ok")) << rows;
    EXPECT_THAT(asked("SELECT count(*) FROM image.things"), ElementsAre(std::to_string(rows)));
    EXPECT_THAT(asked("SELECT count(*) FROM things"), ElementsAre(std::to_string(rows_of_all)));
  }
  EXPECT_THAT(
      asked("SELECT count(*) FROM things WHERE number = id AND length(name) = id * 7 % 400"),
      ElementsAre(std::to_string(rows_of_all)));
  EXPECT_THAT(asked("PRAGMA main.integrity_check"), ElementsAre("ok"));
}

TEST_F(TableImageTest, InsertsNothingIfARowIsThere) {
  ASSERT_TRUE(image.begin(database, 1));
  add(2, 20);
  ASSERT_TRUE(insert());
  ASSERT_TRUE(image.begin(database, 2));
  add(1, 10);
  add(2, 21);
  const Result<void> refused = insert();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(asked("SELECT number FROM things"), ElementsAre("20"));
}

// Else a row costs three times as much.
TEST_F(TableImageTest, IsCopiedWithoutLookingIntoRows) {
  std::set<std::string> steps;
  ASSERT_TRUE(
      database.each("EXPLAIN INSERT OR ROLLBACK INTO main.things SELECT * FROM image.things",
                    [&](const SqlRow& row) { steps.emplace(row.text(1)); }));
  EXPECT_TRUE(steps.contains("Insert"));
  EXPECT_FALSE(steps.contains("Column"));
  EXPECT_FALSE(steps.contains("MakeRecord"));
}

}  // namespace
}  // namespace relay::store
