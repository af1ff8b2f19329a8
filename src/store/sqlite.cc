#include "store/sqlite.h"

#include <sqlite3.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/store_error.h"

namespace relay::store {

std::int64_t SqliteRow::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> SqliteRow::integer_or_none(int column) const noexcept {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return {};
  return integer(column);
}

std::string SqliteRow::text(int column) const {
  const void* const bytes = sqlite3_column_text(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::span<const std::uint8_t> SqliteRow::blob(int column) const noexcept {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size)};
}

void SqliteConnection::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

// NOMUTEX: a connection has one thread at a time anyway.
Result<SqliteConnection> SqliteConnection::open(const std::filesystem::path& path, Access access) {
  SqliteConnection connection;
  sqlite3* database = nullptr;
  const int mode = access == Access::read_only ? SQLITE_OPEN_READONLY
                                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int opened = sqlite3_open_v2(path.c_str(), &database, mode | SQLITE_OPEN_NOMUTEX, nullptr);
  connection.database_.reset(database);
  if (opened != SQLITE_OK) return connection.last_failure(path.c_str());
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(
      database, static_cast<int>(std::chrono::milliseconds{limits::store_busy_timeout}.count()));
  return connection;
}

Result<void> SqliteConnection::execute(const std::string& script) {
  if (sqlite3_exec(database_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return last_failure(script.c_str());
  }
  return {};
}

std::int64_t SqliteConnection::changes() const noexcept {
  return sqlite3_changes64(database_.get());
}

std::int64_t SqliteConnection::last_id() const noexcept {
  return sqlite3_last_insert_rowid(database_.get());
}

Result<sqlite3_stmt*> SqliteConnection::prepared(const char* sql) {
  Statement& statement = statements_[sql];
  if (statement == nullptr) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
        SQLITE_OK) {
      return last_failure(sql);
    }
    statement.reset(made);
  }
  return statement.get();
}

Result<void> SqliteConnection::step_through(sqlite3_stmt* statement,
                                            const std::function<void(const SqliteRow&)>& row) {
  int stepped = sqlite3_step(statement);
  for (; stepped == SQLITE_ROW; stepped = sqlite3_step(statement)) row(SqliteRow{statement});
  Result<void> result;
  if (stepped != SQLITE_DONE) result = last_failure(sqlite3_sql(statement));
  sqlite3_reset(statement);
  return result;
}

std::unexpected<Error> SqliteConnection::last_failure(const char* sql) const {
  const int code = sqlite3_extended_errcode(database_.get());
  const bool is_conflict = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY;
  const std::string statement = std::string{sql}.substr(0, 60);
  return failure(is_conflict ? ErrorCode::conflict : ErrorCode::store_unavailable,
                 std::string{sqlite3_errmsg(database_.get())} + " (SQLite " + std::to_string(code) +
                     ") in: " + statement);
}

void SqliteConnection::bind(sqlite3_stmt* statement, int at, std::int64_t value) noexcept {
  sqlite3_bind_int64(statement, at, value);
}

void SqliteConnection::bind(sqlite3_stmt* statement, int at, std::string_view text) noexcept {
  const char* const bytes = text.empty() ? "" : text.data();  // A null pointer would be NULL.
  sqlite3_bind_text64(statement, at, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteConnection::bind(sqlite3_stmt* statement, int at,
                            std::span<const std::uint8_t> blob) noexcept {
  sqlite3_bind_blob64(statement, at, blob.data(), blob.size(), SQLITE_STATIC);
}

void SqliteConnection::bind(sqlite3_stmt* statement, int at,
                            std::optional<std::int64_t> value) noexcept {
  if (value) {
    sqlite3_bind_int64(statement, at, *value);
  } else {
    sqlite3_bind_null(statement, at);
  }
}

// IMMEDIATE takes the write lock now: a transaction that began by reading could find it taken.
Result<SqliteTransaction> SqliteTransaction::begin(SqliteConnection& connection) {
  const Result<void> begun = connection.run("BEGIN IMMEDIATE");
  if (!begun) return std::unexpected(begun.error());
  return SqliteTransaction{connection};
}

// A failed rollback means that SQLite has rolled back by itself.
SqliteTransaction::~SqliteTransaction() {
  if (connection_ == nullptr) return;
  const Result<void> undone = connection_->run("ROLLBACK");
  if (!undone) log_debug("nothing to roll back", {{"error", undone.error().detail}});
}

Result<void> SqliteTransaction::commit() {
  Result<void> committed = connection_->run("COMMIT");
  if (committed) connection_ = nullptr;
  return committed;
}

}  // namespace relay::store
