#pragma once

#include <filesystem>
#include <memory>
#include <semaphore>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/limits.h"
#include "core/store.h"
#include "store/file.h"
#include "store/sqlite.h"

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
class SqliteStore final : public core::Store {
 public:
  // Creates the file if there is none and brings its schema up to date. `clock` must outlive the
  // store. conflict: used by another process, or made by another version; the detail says what to
  // do.
  static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& path,
                                                   const Clock& clock);

  [[nodiscard]] Result<std::vector<core::ApiKey>> all_keys() override;
  [[nodiscard]] Result<core::ApiKey> find_key(std::string_view uuid) override;
  [[nodiscard]] Result<core::ApiKey> create_key(const core::NewKey& key) override;
  [[nodiscard]] Result<core::ApiKey> set_key_active(std::string_view uuid, bool is_active) override;
  [[nodiscard]] Result<void> delete_key(std::string_view uuid) override;
  [[nodiscard]] Result<void> set_key_digest(core::KeyId key,
                                            const core::KeyDigest& digest) override;

  [[nodiscard]] Result<void> append(std::span<const core::LedgerEntry> entries,
                                    std::span<const core::JournalPosition> positions) override;
  [[nodiscard]] Result<std::vector<core::JournalPosition>> journal_positions() override;
  [[nodiscard]] Result<void> forget_journals(std::span<const std::uint64_t> journals) override;
  [[nodiscard]] Result<core::UsageTotals> usage_totals(core::KeyId key) override;

  [[nodiscard]] Result<std::optional<std::string>> find_setting(std::string_view name) override;
  [[nodiscard]] Result<void> set_setting(std::string_view name, std::string_view value) override;

 private:
  class Reader;

  SqliteStore(File lock, const Clock& clock) : lock_{std::move(lock)}, clock_{clock} {}

  File lock_;  // Held until every connection is closed.
  const Clock& clock_;
  Guarded<SqliteConnection> writer_;
  std::counting_semaphore<> readers_free_{0};
  Guarded<std::vector<SqliteConnection>> readers_;
};

}  // namespace relay::store
