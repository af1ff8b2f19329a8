#include "store/sqlite_store.h"

#include "store/migrations.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

Result<SqliteConnection> open_writer(const std::filesystem::path& path, WallTime now) {
  auto writer = SqliteConnection::open(path, SqliteConnection::Access::read_write);
  if (!writer) return writer;
  Result<void> done = writer->execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;"
      "PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864");
  if (done) done = migrate(*writer, sqlite_migrations(), now);
  if (done) return writer;
  Error error = done.error();
  error.detail = path.string() + ": " + error.detail;
  return std::unexpected(std::move(error));
}

// Of what SQLite keeps beside a database in WAL mode, this is mapped. It takes a file that is
// there. No connection may be open: to close a file gives up the process's locks on it.
Result<void> prepare_shared_memory(std::filesystem::path database) {
  const Result<File> shared = open_private_file(database += "-shm");
  if (!shared) return std::unexpected(shared.error());
  write_in_place(*shared);
  return {};
}

// Its cache holds what reports read again and again. Not mapped: a disk that fails would kill us.
Result<SqliteConnection> open_reader(const std::filesystem::path& path) {
  auto reader = SqliteConnection::open(path, SqliteConnection::Access::read_only);
  if (!reader) return reader;
  const Result<void> set =
      reader->execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768");
  if (!set) return std::unexpected(set.error());
  return reader;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path,
                                                       const Clock& clock) {
  std::filesystem::path lock_path = path;
  Result<File> lock = lock_file(lock_path += ".lock", "the database " + path.string());
  if (!lock) return std::unexpected(lock.error());
  // SQLite gives its other files the mode of this one. It holds the hashes of keys.
  const Result<File> created = open_private_file(path);
  if (!created) return std::unexpected(created.error());
  const Result<void> prepared = prepare_shared_memory(path);
  if (!prepared) return std::unexpected(prepared.error());

  std::unique_ptr<SqliteStore> store{new SqliteStore{*std::move(lock), clock}};
  Result<SqliteConnection> writer = open_writer(path, clock.wall());
  if (!writer) return std::unexpected(writer.error());
  store->writer_ = *std::move(writer);
  const Result<void> readable = store->open_readers(path);
  if (!readable) return std::unexpected(readable.error());
  return store;
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open_to_read(const std::filesystem::path& path,
                                                               const Clock& clock) {
  if (!std::filesystem::exists(path)) {
    return failure(ErrorCode::not_found, "there is no database at " + path.string());
  }
  std::unique_ptr<SqliteStore> store{new SqliteStore{File{}, clock}};
  store->is_read_only_ = true;
  const Result<void> readable = store->open_readers(path);
  if (!readable) return std::unexpected(readable.error());
  return store;
}

Result<void> SqliteStore::open_readers(const std::filesystem::path& path) {
  for (std::size_t i = 0; i < limits::store_readers; ++i) {
    Result<SqliteConnection> reader = open_reader(path);
    if (!reader) return std::unexpected(reader.error());
    readers_.lock()->push_back(std::make_unique<SqliteConnection>(*std::move(reader)));
    readers_free_.release();
  }
  return {};
}

Result<SqlStore::Lease> SqliteStore::reader() {
  readers_free_.acquire();
  auto readers = readers_.lock();
  SqliteConnection* const lent = readers->back().release();
  readers->pop_back();
  return Lease{lent, [this, lent](SqlConnection*) {
                 readers_.lock()->emplace_back(lent);
                 readers_free_.release();
               }};
}

Result<SqlStore::Lease> SqliteStore::writer() {
  if (is_read_only_) return failure(ErrorCode::conflict, "opened to be read only");
  writing_.lock();
  return Lease{&writer_, [this](SqlConnection*) { writing_.unlock(); }};
}

}  // namespace relay::store
