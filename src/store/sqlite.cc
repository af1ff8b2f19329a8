#include "store/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

#include "base/limits.h"
#include "store/sql_query.h"
#include "store/sqlite_functions.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

class Row final : public SqlRow {
 public:
  explicit Row(sqlite3_stmt* statement) noexcept : statement_{statement} {}

  bool is_null(int column) const noexcept override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const noexcept override {
    return sqlite3_column_int64(statement_, column);
  }
  std::string_view text(int column) const noexcept override {
    const void* const bytes = sqlite3_column_text(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  }
  void copy_blob(int column, std::span<std::uint8_t> bytes) const noexcept override {
    const void* const blob = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    std::copy_n(static_cast<const std::uint8_t*>(blob), std::min(size, bytes.size()),
                bytes.begin());
  }

 private:
  sqlite3_stmt* statement_;
};

// STATIC: what is bound outlives the statement's run.
struct Bind {
  sqlite3_stmt* statement;
  int at;

  void operator()(std::monostate) const noexcept { sqlite3_bind_null(statement, at); }
  void operator()(std::int64_t value) const noexcept { sqlite3_bind_int64(statement, at, value); }
  void operator()(std::string_view text) const noexcept {
    const char* const bytes = text.empty() ? "" : text.data();  // A null pointer would be NULL.
    sqlite3_bind_text64(statement, at, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  void operator()(SqlValue::Bytes blob) const noexcept {
    const void* bytes = blob.data();
    if (blob.empty()) bytes = "";  // A null pointer would be NULL here, too.
    sqlite3_bind_blob64(statement, at, bytes, blob.size(), SQLITE_STATIC);
  }
};

// A statement takes no values, and goes on where it was, until it is reset.
struct ResetAtEnd {
  explicit ResetAtEnd(sqlite3_stmt* at) noexcept : statement{at} {}
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;
  ~ResetAtEnd() { sqlite3_reset(statement); }

  sqlite3_stmt* statement;
};

// What SQLite calls: to go on is 0.
int give_way(void* /*context*/) noexcept {
  std::this_thread::yield();
  return 0;
}

// Of the shared memory beside the database, SQLite says "disk I/O error".
bool is_out_of_room(int code) noexcept {
  return code == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE;
}

// Once for the process, before anything else of SQLite: without statistics of memory, which nobody
// reads, each allocation takes one lock less.
bool configure() noexcept {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
}

}  // namespace

void SqliteConnection::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

// NOMUTEX: a connection has one thread at a time anyway.
Result<SqliteConnection> SqliteConnection::open(const std::filesystem::path& path, Access access) {
  [[maybe_unused]] static const bool is_configured = configure();
  SqliteConnection connection;
  sqlite3* database = nullptr;
  const int mode = access == Access::read_only ? SQLITE_OPEN_READONLY
                                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int opened = sqlite3_open_v2(path.c_str(), &database, mode | SQLITE_OPEN_NOMUTEX, nullptr);
  connection.database_.reset(database);
  if (opened != SQLITE_OK) return connection.last_failure(path.c_str());
  if (access == Access::read_write && !add_functions(database)) {
    return connection.last_failure(path.c_str());
  }
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

Result<void> SqliteConnection::each(const SqlQuery& query, const OnRow& row) {
  const Result<Statement> statement = prepare(query.text().c_str(), 0);
  if (!statement) return std::unexpected(statement.error());
  return step_through(statement->get(), query.values(), row);
}

std::int64_t SqliteConnection::changes() const noexcept {
  return sqlite3_changes64(database_.get());
}

// So many steps copy about fifty entries into the ledger.
void SqliteConnection::set_gives_way(bool gives_way) noexcept {
  constexpr int steps = 300;
  gives_way_ = gives_way;
  sqlite3_progress_handler(database_.get(), gives_way ? steps : 0, &give_way, nullptr);
}

// Mapped, which here is to read it where it lies.
Result<void> SqliteConnection::attach_image(std::span<std::uint8_t> database) {
  constexpr char name[] = "image";
  const bool is_first = sqlite3_db_readonly(database_.get(), name) < 0;
  if (is_first) {
    Result<void> attached = execute("ATTACH ':memory:' AS image");
    if (!attached) return attached;
  }
  const auto size = static_cast<sqlite3_int64>(database.size());
  const int done = sqlite3_deserialize(database_.get(), name, database.data(), size, size, 0);
  if (done != SQLITE_OK) return last_failure("an image");
  return execute("PRAGMA image.mmap_size = " + std::to_string(size) +
                 "; SELECT count(*) FROM image.sqlite_schema");
}

std::vector<std::uint8_t> SqliteConnection::bytes() const {
  sqlite3_int64 size = 0;
  const std::unique_ptr<std::uint8_t, decltype(&sqlite3_free)> bytes{
      sqlite3_serialize(database_.get(), "main", &size, 0), &sqlite3_free};
  if (bytes == nullptr) return {};
  return {bytes.get(), bytes.get() + size};
}

Result<void> SqliteConnection::step_through(SqlText sql, std::span<const SqlValue> values,
                                            const OnRow& row) {
  const Result<sqlite3_stmt*> statement = kept(sql.get());
  if (!statement) return std::unexpected(statement.error());
  return step_through(*statement, values, row);
}

Result<SqliteConnection::Statement> SqliteConnection::prepare(const char* sql, unsigned flags) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql, -1, flags, &made, nullptr) != SQLITE_OK) {
    return last_failure(sql);
  }
  return Statement{made};
}

Result<sqlite3_stmt*> SqliteConnection::kept(const char* sql) {
  Statement& statement = statements_[sql];
  if (statement == nullptr) {
    Result<Statement> made = prepare(sql, SQLITE_PREPARE_PERSISTENT);
    if (!made) return std::unexpected(made.error());
    statement = *std::move(made);
  }
  return statement.get();
}

Result<void> SqliteConnection::step_through(sqlite3_stmt* statement,
                                            std::span<const SqlValue> values, const OnRow& row) {
  const ResetAtEnd reset{statement};
  int at = 0;
  for (const SqlValue& value : values) std::visit(Bind{statement, ++at}, value.get());
  int stepped = sqlite3_step(statement);
  for (; stepped == SQLITE_ROW; stepped = sqlite3_step(statement)) row(Row{statement});
  Result<void> result;
  if (stepped != SQLITE_DONE) result = last_failure(sqlite3_sql(statement));
  if (gives_way_) give_way(nullptr);
  return result;
}

std::unexpected<Error> SqliteConnection::last_failure(const char* sql) const {
  const int code = sqlite3_extended_errcode(database_.get());
  const bool is_conflict = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY;
  const std::string statement = std::string{sql}.substr(0, 60);
  const std::string what =
      is_out_of_room(code) ? "the disk is full" : sqlite3_errmsg(database_.get());
  return failure(is_conflict ? ErrorCode::conflict : ErrorCode::store_unavailable,
                 what + " (SQLite " + std::to_string(code) + ") in: " + statement);
}

}  // namespace relay::store
