#include "store/sql_ledger.h"

#include "store/sql_store.h"

namespace relay::store {

using core::JournalPosition;
using core::KeyId;

namespace {

constexpr auto select_balance =
    joined("SELECT ", sum_columns, " FROM key_balances WHERE key_id = ?");

}  // namespace

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
