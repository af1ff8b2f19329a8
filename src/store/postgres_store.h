#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <semaphore>
#include <set>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/limits.h"
#include "store/postgres.h"
#include "store/sql_store.h"

namespace relay::store {

// A store in a PostgreSQL database, which several relays may share.
//
// The database may be away, now or when the store is opened: then methods fail with
// store_unavailable until it is back. Connections are made when they are needed, and again when
// they break. The ledger has one of its own, so that its writer waits for nobody.
//
// A commit is as durable as the server's synchronous_commit says.
class PostgresStore final : public SqlStore {
 public:
  // `url` is one of postgres_url(); `clock` must outlive the store. If the database is there, its
  // schema is brought up to date. conflict: it was made by another version; the detail says what
  // to do.
  static Result<std::unique_ptr<PostgresStore>> open(std::string url, const Clock& clock);

  // Opens what is there to be read, and migrates nothing. Calls that write fail with conflict.
  // store_unavailable. conflict: it is of another version.
  static Result<std::unique_ptr<PostgresStore>> open_to_read(std::string url, const Clock& clock);

  [[nodiscard]] Result<void> append(std::span<const core::LedgerEntry> entries,
                                    std::span<const core::JournalPosition> positions) override;

 private:
  PostgresStore(std::string url, const Clock& clock) : SqlStore{clock}, url_{std::move(url)} {}

  using Connection = std::unique_ptr<PostgresConnection>;

  Result<Lease> reader() override { return lend(); }
  Result<Lease> writer() override;
  Result<Lease> leisurely_reader() override;
  Result<std::int64_t> remove_entries(SqlConnection& connection, WallTime before,
                                      std::size_t rows_max) override;
  Result<Lease> lend();

  Result<Connection> connect();
  Result<void> prepare_schema();
  Result<void> append_batch(std::span<const core::LedgerEntry> entries,
                            std::span<const core::JournalPosition> positions);
  Result<void> insert_new(std::span<const core::LedgerEntry> entries,
                          std::set<core::AttemptId>& appended);
  Result<void> make_months(std::span<const core::LedgerEntry> entries);

  const std::string url_;
  bool is_read_only_ = false;
  std::mutex preparing_;
  std::atomic<bool> is_prepared_ = false;  // The schema is the one that we know.
  std::counting_semaphore<> may_connect_{limits::postgres_connections_max};
  Guarded<std::vector<Connection>> idle_;

  std::mutex appending_;
  Connection appender_;                       // Null until it is needed.
  std::set<std::chrono::year_month> months_;  // Whose partitions are there. Of append().
};

}  // namespace relay::store
