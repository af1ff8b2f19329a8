#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <semaphore>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/limits.h"
#include "store/sql_store.h"
#include "store/sqlite.h"
#include "store/sqlite_batch.h"
#include "store/sqlite_writer.h"

namespace relay::store {

// A store in one SQLite file, for one process: a second one is refused by a lock beside the file.
//
// One connection writes, commits and checkpoints; all others are opened read-only. That keeps us
// clear of SQLite's WAL-reset bug (sqlite.org/wal.html#walresetbug, before 3.51.3), which needs two
// connections that write or checkpoint at the same time. So nobody may write to the file from
// outside while the relay runs.
//
// A commit is on disk when it returns (journal_mode=WAL, synchronous=FULL): journals forget what
// the store has, so the store must not lose it to a power failure. That is one sync per batch.
class SqliteStore final : public SqlStore {
 public:
  // Creates the file if there is none and brings its schema up to date, after copying it: see
  // SqliteWriter. `clock` must outlive the store. conflict: used by another process, or made by
  // another version; the detail says what to do.
  static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& path,
                                                   const Clock& clock);

  // Opens what is there to be read, also while another process uses it. Calls that write fail.
  // not_found: there is no file. conflict: it is of another version.
  static Result<std::unique_ptr<SqliteStore>> open_to_read(const std::filesystem::path& path,
                                                           const Clock& clock);

  [[nodiscard]] Result<void> append(std::span<const core::LedgerEntry> entries,
                                    std::span<const core::JournalPosition> positions) override;
  [[nodiscard]] Result<std::vector<core::AttemptId>> find_attempts(
      std::span<const core::LedgerEntry> entries) override;
  [[nodiscard]] Result<std::optional<WallTime>> start_beyond(std::size_t rows) override;

 private:
  explicit SqliteStore(const Clock& clock) : SqlStore{clock} {}

  Result<void> open_readers(const std::filesystem::path& path);
  Result<void> write_batch(SqlConnection& connection,
                           std::span<const core::JournalPosition> positions);
  Result<Lease> reader() override;  // Waits for one to be free.
  Result<Lease> writer() override;
  Result<std::vector<core::LedgerRow>> newest_entries(SqlConnection& connection,
                                                      const core::LedgerFilter& filter,
                                                      const std::optional<NumberCursor>& after,
                                                      std::size_t rows) override;
  Result<std::int64_t> remove_entries(SqlConnection& connection, WallTime before,
                                      std::size_t rows_max) override;

  std::mutex writing_;
  SqliteBatch batch_;  // Of who has the writer.
  bool is_read_only_ = false;
  SqliteWriter writer_;  // Its lock is held until every connection is closed.
  std::counting_semaphore<> readers_free_{0};
  Guarded<std::vector<std::unique_ptr<SqliteConnection>>> readers_;
};

}  // namespace relay::store
