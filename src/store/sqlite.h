#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace relay::store {

// The row that a query stands on. Columns count from 0. Valid until the callback returns.
class SqliteRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) noexcept : statement_{statement} {}

  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::optional<std::int64_t> integer_or_none(int column) const noexcept;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::span<const std::uint8_t> blob(int column) const noexcept;

 private:
  sqlite3_stmt* statement_;
};

// A connection to an SQLite database, with its prepared statements.
//
// `sql` is a string literal: statements are kept by its address and made once. Values are bound to
// its parameters in order; they are read during the call and not kept.
//
// Belongs to one thread at a time. conflict: a row with this unique value exists.
// store_unavailable: everything else, with SQLite's own words as detail.
class SqliteConnection {
 public:
  enum class Access { read_only, read_write };

  SqliteConnection() noexcept = default;  // No connection; only to be assigned to.

  static Result<SqliteConnection> open(const std::filesystem::path& path, Access access);

  // Runs several statements without parameters.
  Result<void> execute(const std::string& script);

  // Runs one statement.
  template <typename... Values>
  Result<void> run(const char* sql, const Values&... values) {
    return each(
        sql, [](const SqliteRow&) {}, values...);
  }

  // Calls `row` for every row of the answer.
  template <std::invocable<const SqliteRow&> Row, typename... Values>
  Result<void> each(const char* sql, Row&& row, const Values&... values) {
    const Result<sqlite3_stmt*> statement = prepared(sql);
    if (!statement) return std::unexpected(statement.error());
    int at = 0;
    (bind(*statement, ++at, values), ...);
    return step_through(*statement, std::ref(row));
  }

  // Rows that the last run() inserted, changed or deleted.
  [[nodiscard]] std::int64_t changes() const noexcept;
  [[nodiscard]] std::int64_t last_id() const noexcept;

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  Result<sqlite3_stmt*> prepared(const char* sql);
  Result<void> step_through(sqlite3_stmt* statement,
                            const std::function<void(const SqliteRow&)>& row);
  std::unexpected<Error> last_failure(const char* sql) const;

  static void bind(sqlite3_stmt* statement, int at, std::int64_t value) noexcept;
  static void bind(sqlite3_stmt* statement, int at, std::string_view text) noexcept;
  static void bind(sqlite3_stmt* statement, int at, std::span<const std::uint8_t> blob) noexcept;
  static void bind(sqlite3_stmt* statement, int at, std::optional<std::int64_t> value) noexcept;

  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<const char*, Statement> statements_;  // Go before their database.
};

// All or nothing: what ran on `connection` since begin() is undone unless commit() succeeds.
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> begin(SqliteConnection& connection);
  SqliteTransaction(SqliteTransaction&& other) noexcept
      : connection_{std::exchange(other.connection_, nullptr)} {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  Result<void> commit();

 private:
  explicit SqliteTransaction(SqliteConnection& connection) noexcept : connection_{&connection} {}

  SqliteConnection* connection_;  // Null once it has ended.
};

}  // namespace relay::store
