// What SQLite's ledger does by the place of an entry.
#include <algorithm>
#include <map>

#include "store/sql_ledger.h"
#include "store/sqlite_store.h"

namespace relay::store {

using core::AttemptId;
using core::LedgerEntry;

namespace {

// What an index says of moments before `oldest`, the first argument. Rows lie by value, and by
// moment within a value: each value is looked for once.
constexpr SqlText forget_keys =
    "WITH RECURSIVE known (value) AS (SELECT min(key_id) FROM ledger_by_key UNION ALL "
    "SELECT (SELECT min(key_id) FROM ledger_by_key WHERE key_id > value) FROM known "
    "WHERE value IS NOT NULL) "
    "DELETE FROM ledger_by_key WHERE (key_id, moment) IN (SELECT key_id, moment FROM known "
    "CROSS JOIN ledger_by_key WHERE key_id = value AND moment < ?)";
constexpr SqlText forget_models =
    "WITH RECURSIVE known (value) AS (SELECT min(model) FROM ledger_by_model UNION ALL "
    "SELECT (SELECT min(model) FROM ledger_by_model WHERE model > value) FROM known "
    "WHERE value IS NOT NULL) "
    "DELETE FROM ledger_by_model WHERE (model, moment) IN (SELECT model, moment FROM known "
    "CROSS JOIN ledger_by_model WHERE model = value AND moment < ?)";
constexpr SqlText forget_costs =
    "WITH RECURSIVE known (value) AS (SELECT min(class) FROM ledger_by_cost UNION ALL "
    "SELECT (SELECT min(class) FROM ledger_by_cost WHERE class > value) FROM known "
    "WHERE value IS NOT NULL) "
    "DELETE FROM ledger_by_cost WHERE (class, moment) IN (SELECT class, moment FROM known "
    "CROSS JOIN ledger_by_cost WHERE class = value AND moment < ?)";

// A batch of fewer entries is all that has ended: the ledger is not behind.
constexpr std::size_t behind_entries = 500;
static_assert(behind_entries < limits::ledger_batch_entries_max);

auto runner(SqlConnection& connection) noexcept {
  return
      [&connection](SqlText sql, const auto&... values) { return connection.run(sql, values...); };
}

Result<void> forget_indexes(SqlConnection& connection, Place oldest) {
  Result<void> done;
  for (const SqlText sql : {forget_keys, forget_models, forget_costs,
                            SqlText{"DELETE FROM ledger_unusual WHERE moment < ?"}}) {
    if (done) done = connection.run(sql, moment_of(oldest));
  }
  if (done) done = connection.run("DELETE FROM ledger_by_attempt WHERE millisecond < ?", oldest);
  if (done) done = connection.run("DELETE FROM ledger_requests WHERE newest <= ?", oldest);
  return done;
}

}  // namespace

// Two transactions, as rows are made between them; nobody else writes meanwhile.
Result<void> SqliteStore::append(std::span<const LedgerEntry> entries,
                                 std::span<const core::JournalPosition> positions) {
  const Result<Lease> writer = this->writer();
  if (!writer) return std::unexpected(writer.error());
  SqliteConnection& own = writer_.connection();
  own.set_gives_way(entries.size() < behind_entries);
  Result<void> done = within(own, SqlConnection::Access::read_only, [&](SqlConnection& connection) {
    return batch_.place(connection, entries);
  });
  if (done) done = batch_.make_rows(own);
  if (!done) return done;
  return within(own, SqlConnection::Access::read_write,
                [&](SqlConnection& connection) { return write_batch(connection, positions); });
}

Result<void> SqliteStore::write_batch(SqlConnection& connection,
                                      std::span<const core::JournalPosition> positions) {
  Result<void> done = batch_.insert(connection);
  if (done) done = batch_.write_indexes(connection);
  if (!done) return done;
  BatchTotals totals;
  for (const SqliteBatch::Placed& one : batch_.inserted()) totals.add(*one.entry);
  done = write_totals(totals, runner(connection));
  if (done) done = write_positions(positions, runner(connection));
  return done;
}

Result<std::vector<AttemptId>> SqliteStore::find_attempts(std::span<const LedgerEntry> entries) {
  std::map<Place, std::vector<AttemptId>> by_time;
  for (const LedgerEntry& entry : entries) {
    by_time[first_place(entry.started)].push_back(entry.attempt);
  }
  std::vector<AttemptId> found;
  const Result<void> done = read([&](SqlConnection& connection) {
    Result<void> read;
    for (auto& [time, attempts] : by_time) {
      std::ranges::sort(attempts);
      if (read) read = find_recorded(connection, time, attempts, found);
    }
    return read;
  });
  if (!done) return std::unexpected(done.error());
  return found;
}

// An index may say of a moment that is half gone what is no longer so: it is looked through in
// vain.
Result<std::int64_t> SqliteStore::remove_entries(SqlConnection& connection, WallTime before,
                                                 std::size_t rows_max) {
  const Place oldest = first_place(before);
  const Result<void> removed = connection.run(
      "DELETE FROM ledger_rows WHERE id IN "
      "(SELECT id FROM ledger_rows WHERE id < ? ORDER BY id LIMIT ?)",
      oldest, rows_max);
  if (!removed) return std::unexpected(removed.error());
  const std::int64_t rows = connection.changes();
  if (static_cast<std::size_t>(rows) == rows_max) return rows;
  const Result<void> forgotten = forget_indexes(connection, oldest);
  if (!forgotten) return std::unexpected(forgotten.error());
  return rows;
}

Result<std::optional<WallTime>> SqliteStore::start_beyond(std::size_t rows) {
  std::optional<WallTime> start;
  const Result<void> done = read([&](SqlConnection& connection) {
    return connection.each(
        "SELECT started FROM ledger ORDER BY id DESC LIMIT 1 OFFSET ?",
        [&start](const SqlRow& row) { SqlColumns{row}.read(start); }, rows);
  });
  if (!done) return std::unexpected(done.error());
  return start;
}

}  // namespace relay::store
