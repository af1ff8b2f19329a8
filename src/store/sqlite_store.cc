#include "store/sqlite_store.h"

#include "base/log.h"
#include "store/file.h"
#include "store/migrations.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

// A small cache: what reports read again and again the kernel has, too. Not mapped: a disk that
// fails would kill us. No index for a single query: it often takes longer than the query.
Result<SqliteConnection> open_reader(const std::filesystem::path& path) {
  auto reader = SqliteConnection::open(path, SqliteConnection::Access::read_only);
  if (!reader) return reader;
  const Result<void> set = reader->execute(
      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; PRAGMA automatic_index = OFF");
  if (!set) return std::unexpected(set.error());
  return reader;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path,
                                                       const Clock& clock) {
  Result<SqliteWriter> writer = SqliteWriter::open(path);
  if (!writer) return std::unexpected(writer.error());
  const Result<std::filesystem::path> copy = writer->migrate(clock.wall());
  if (!copy) return std::unexpected(copy.error());
  if (!copy->empty()) log_info("migrated the database", {{"copy_of_before", copy->string()}});

  std::unique_ptr<SqliteStore> store{new SqliteStore{clock}};
  store->writer_ = *std::move(writer);
  const Result<void> attached = store->batch_.attach(store->writer_.connection());
  if (!attached) return std::unexpected(attached.error());
  const Result<void> readable = store->open_readers(path);
  if (!readable) return std::unexpected(readable.error());
  return store;
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open_to_read(const std::filesystem::path& path,
                                                               const Clock& clock) {
  if (is_missing(path)) {
    return failure(ErrorCode::not_found, "there is no database at " + path.string());
  }
  std::unique_ptr<SqliteStore> store{new SqliteStore{clock}};
  store->is_read_only_ = true;
  const Result<void> readable = store->open_readers(path);
  if (!readable) return std::unexpected(readable.error());
  const Result<Lease> reader = store->reader();
  if (!reader) return std::unexpected(reader.error());
  const Result<void> known = check_schema(**reader, sqlite_migrations());
  if (!known) return std::unexpected(known.error());
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
  return Lease{&writer_.connection(), [this](SqlConnection*) { writing_.unlock(); }};
}

}  // namespace relay::store
