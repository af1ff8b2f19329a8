#include "store/sql_ledger.h"

#include "store/sql_store.h"

namespace relay::store {

using core::JournalPosition;
using core::KeyId;
using core::LedgerEntry;

namespace {

constexpr auto select_balance =
    joined("SELECT ", sum_columns, " FROM key_balances WHERE key_id = ?");

auto runner(SqlConnection& connection) noexcept {
  return
      [&connection](SqlText sql, const auto&... values) { return connection.run(sql, values...); };
}

Result<void> insert_what_is_new(SqlConnection& connection, std::span<const LedgerEntry> entries,
                                BatchTotals& totals) {
  for (const LedgerEntry& entry : entries) {
    const Result<void> inserted = write_entry(entry, runner(connection));
    if (!inserted) return inserted;
    if (connection.changes() == 1) totals.add(entry);  // Else it was here already.
  }
  return {};
}

// Many in one statement: to begin and to end one costs as much as a row.
Result<void> insert_together(SqlConnection& connection, std::span<const LedgerEntry> entries) {
  std::vector<SqlValue> values;
  values.reserve(entries.size() * 30);
  const auto keep = [&values](SqlText, const auto&... of_entry) -> Result<void> {
    (values.emplace_back(of_entry), ...);
    return {};
  };
  Result<void> done;
  for (const LedgerEntry& entry : entries) done = write_entry(entry, keep);
  if (!done) return done;
  return connection.run_with(insert_new_entries, values);
}

// conflict: not all of them are.
Result<void> insert_new(SqlConnection& connection, std::span<const LedgerEntry> entries,
                        BatchTotals& totals) {
  std::span<const LedgerEntry> rest = entries;
  for (; rest.size() >= entries_at_once; rest = rest.subspan(entries_at_once)) {
    const Result<void> inserted = insert_together(connection, rest.first(entries_at_once));
    if (!inserted) return inserted;
  }
  for (const LedgerEntry& entry : entries.first(entries.size() - rest.size())) totals.add(entry);
  return insert_what_is_new(connection, rest, totals);
}

}  // namespace

// Nearly always all of them are new. Where the outcome of an earlier commit was lost some are not:
// then none of this transaction is left, and each is tried by itself.
Result<void> SqlStore::append(std::span<const LedgerEntry> entries,
                              std::span<const JournalPosition> positions) {
  const auto append_by = [&](auto insert) {
    return write([&](SqlConnection& connection) -> Result<void> {
      BatchTotals totals;
      const Result<void> inserted = insert(connection, entries, totals);
      if (!inserted) return inserted;
      const Result<void> added = write_totals(totals, runner(connection));
      if (!added) return added;
      return write_positions(positions, runner(connection));
    });
  };
  const Result<void> appended = append_by(insert_new);
  const bool some_are_there = !appended && appended.error().code == ErrorCode::conflict;
  return some_are_there ? append_by(insert_what_is_new) : appended;
}

Result<std::vector<JournalPosition>> SqlStore::journal_positions() {
  return rows(
      [](const SqlRow& row) {
        return JournalPosition{.journal = static_cast<std::uint64_t>(row.integer(0)),
                               .sequence = static_cast<std::uint64_t>(row.integer(1))};
      },
      SqlText{"SELECT journal, sequence FROM journal_positions"});
}

Result<void> SqlStore::forget_journals(std::span<const std::uint64_t> journals) {
  return write([&](SqlConnection& connection) {
    Result<void> done;
    for (const std::uint64_t journal : journals) {
      if (done) done = connection.run("DELETE FROM journal_positions WHERE journal = ?", journal);
    }
    return done;
  });
}

Result<core::UsageTotals> SqlStore::usage_totals(KeyId key) {
  const auto totals_of = [](const SqlRow& row) {
    SqlColumns columns{row};
    const core::UsageSums sums = read_sums(columns);
    return core::UsageTotals{.usage = sums.usage, .cost = sums.cost, .requests = sums.requests};
  };
  const auto found = rows(totals_of, SqlText{select_balance}, key);
  if (!found) return std::unexpected(found.error());
  return found->empty() ? core::UsageTotals{} : found->front();
}

}  // namespace relay::store
