#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace relay::store {

// A connection to an SQLite database, with its prepared statements.
class SqliteConnection final : public SqlConnection {
 public:
  SqliteConnection() noexcept = default;  // No connection; only to be assigned to.

  static Result<SqliteConnection> open(const std::filesystem::path& path, Access access);

  Result<void> execute(const std::string& script) override;
  Result<void> each(const SqlQuery& query, const OnRow& row) override;
  using SqlConnection::each;
  [[nodiscard]] std::int64_t changes() const noexcept override;

  // Whether a loop that has woken up on this thread's processor goes first: after each statement,
  // and now and then within a long one. What does so falls behind where the loop never rests.
  void set_gives_way(bool gives_way) noexcept;

  // Attaches a database that lies in memory, as `image` and in the place of the one before. It is
  // to stay there until the next one takes its place, or the connection ends.
  Result<void> attach_image(std::span<std::uint8_t> database);

  // What a file with this database would be. Empty: there was no memory.
  [[nodiscard]] std::vector<std::uint8_t> bytes() const;

  [[nodiscard]] bool is_remote() const noexcept override { return false; }

  // IMMEDIATE takes the write lock now: a transaction that began by reading could find it taken.
  [[nodiscard]] SqlText begin(Access access) const noexcept override {
    return access == Access::read_write ? SqlText{"BEGIN IMMEDIATE"} : SqlText{"BEGIN"};
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  Result<void> step_through(SqlText sql, std::span<const SqlValue> values,
                            const OnRow& row) override;
  Result<Statement> prepare(const char* sql, unsigned flags);
  Result<sqlite3_stmt*> kept(const char* sql);
  Result<void> step_through(sqlite3_stmt* statement, std::span<const SqlValue> values,
                            const OnRow& row);
  std::unexpected<Error> last_failure(const char* sql) const;

  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<const char*, Statement> statements_;  // Go before their database.
  bool gives_way_ = false;
};

}  // namespace relay::store
