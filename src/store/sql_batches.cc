#include "store/sql_columns.h"
#include "store/sql_query.h"
#include "store/sql_store.h"

namespace relay::store {

using core::AttemptId;
using core::BatchOwner;
using core::LedgerEntry;

// Whoever comes second gets the row as it is: by an update that changes nothing.
Result<BatchOwner> SqlStore::claim_batch(std::string_view batch, const BatchOwner& claimant) {
  BatchOwner owner;
  const Result<void> claimed = write([&](SqlConnection& connection) {
    return connection.each(
        "INSERT INTO batches (id, key_id, since) VALUES (?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET key_id = batches.key_id RETURNING key_id, since",
        [&owner](const SqlRow& row) { SqlColumns{row}.read(owner.key, owner.since); }, batch,
        claimant.key, claimant.since);
  });
  if (!claimed) return std::unexpected(claimed.error());
  return owner;
}

Result<std::optional<WallTime>> SqlStore::forget_batches(WallTime before) {
  std::optional<WallTime> oldest;
  const Result<void> done = write([&](SqlConnection& connection) {
    const Result<void> forgotten = connection.run("DELETE FROM batches WHERE since < ?", before);
    if (!forgotten) return forgotten;
    return connection.each("SELECT min(since) FROM batches",
                           [&oldest](const SqlRow& row) { SqlColumns{row}.read(oldest); });
  });
  if (!done) return std::unexpected(done.error());
  return oldest;
}

Result<std::vector<AttemptId>> SqlStore::find_attempts(std::span<const LedgerEntry> entries) {
  if (entries.empty()) return std::vector<AttemptId>{};
  std::vector<SqlValue> ids;
  for (const LedgerEntry& entry : entries) ids.emplace_back(entry.attempt.bytes);
  SqlQuery query;
  query.add("SELECT attempt FROM ledger WHERE attempt IN ").add_list(ids);
  return rows(
      [](const SqlRow& row) {
        AttemptId attempt;
        row.copy_blob(0, attempt.bytes);
        return attempt;
      },
      query);
}

}  // namespace relay::store
