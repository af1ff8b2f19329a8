#include "store/sqlite_writer.h"

#include <system_error>

#include "store/migrations.h"
#include "store/sqlite_copy.h"

namespace relay::store {
namespace {

namespace fs = std::filesystem;

// Of what SQLite keeps beside a database in WAL mode, this is mapped. It takes a file that is
// there. No connection may be open: to close a file gives up the process's locks on it.
Result<void> prepare_shared_memory(fs::path database) {
  const Result<File> shared = open_private_file(database += "-shm");
  if (!shared) return std::unexpected(shared.error());
  write_in_place(*shared);
  return {};
}

std::unexpected<Error> failure_of(const fs::path& path, Error error) {
  error.detail = path.string() + ": " + error.detail;
  return std::unexpected(std::move(error));
}

fs::path name_of_copy(fs::path database, int version, WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  return database += ".schema-" + std::to_string(version) + "-" + std::to_string(seconds.count());
}

}  // namespace

Result<SqliteWriter> SqliteWriter::open(const fs::path& path) {
  fs::path lock_path = path;
  Result<File> lock = lock_file(lock_path += ".lock", "the database " + path.string());
  if (!lock) return std::unexpected(lock.error());
  // SQLite gives its other files the mode of this one. It holds the hashes of keys.
  const Result<File> created = open_private_file(path);
  if (!created) return std::unexpected(created.error());
  const Result<void> prepared = prepare_shared_memory(path);
  if (!prepared) return std::unexpected(prepared.error());

  SqliteWriter writer{path, *std::move(lock)};
  auto connection = SqliteConnection::open(path, SqliteConnection::Access::read_write);
  if (!connection) return std::unexpected(connection.error());
  writer.connection_ = *std::move(connection);
  const Result<void> set = writer.connection_.execute(
      "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA "
      "foreign_keys = ON;"
      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096;"
      "PRAGMA wal_autocheckpoint = 2048; PRAGMA journal_size_limit = 67108864");
  if (!set) return failure_of(path, set.error());
  return writer;
}

Result<fs::path> SqliteWriter::migrate(int version, WallTime now) {
  const Result<int> found = schema_version(connection_, sqlite_migrations());
  if (!found) return failure_of(path_, found.error());
  fs::path copy;
  if (*found != 0 && *found != version) {
    copy = name_of_copy(path_, *found, now);
    const Result<void> copied = back_up_database(path_, copy);
    if (!copied) return failure_of(path_, copied.error());
  }
  const Result<void> done = store::migrate(connection_, sqlite_migrations(), version, now);
  if (done) return copy;
  // A relay that is started again and again leaves no copy each time.
  const Result<int> left = schema_version(connection_, sqlite_migrations());
  std::error_code ignored;
  if (left && *left == *found && !copy.empty()) fs::remove(copy, ignored);
  return failure_of(path_, done.error());
}

Result<fs::path> SqliteWriter::migrate(WallTime now) {
  return migrate(static_cast<int>(sqlite_migrations().size()), now);
}

}  // namespace relay::store
