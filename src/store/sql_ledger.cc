#include "store/batch_totals.h"
#include "store/sql_store.h"
#include "store/sql_sums.h"

namespace relay::store {

using core::JournalPosition;
using core::KeyId;
using core::LedgerEntry;

namespace {

constexpr SqlText insert_entry =
    "INSERT INTO ledger (attempt, request, key_id, endpoint, delivery, is_stream, attempts, "
    "status, first_byte_ms, duration_ms, started, held, input, output, cache_write_5m, "
    "cache_write_1h, cache_read, web_searches, is_estimated, model, served_model, upstream, "
    "upstream_request, client, cost, price_version, is_unpriced, service_tier, geo, is_fast) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, "
    "?) ON CONFLICT (attempt) DO NOTHING";
// Requests of a balance are those that were not refused.
constexpr auto add_to_balance =
    joined("INSERT INTO key_balances AS kept (key_id, first_used, last_used, ", sum_columns,
           ") VALUES (?, ?, ?, ", sum_values, ") ON CONFLICT (key_id) DO UPDATE SET ", add_sums,
           ", first_used = CASE WHEN kept.first_used <= excluded.first_used THEN kept.first_used "
           "ELSE coalesce(excluded.first_used, kept.first_used) END, "
           "last_used = CASE WHEN kept.last_used >= excluded.last_used THEN kept.last_used "
           "ELSE coalesce(excluded.last_used, kept.last_used) END");
constexpr auto add_to_hour =
    joined("INSERT INTO usage_hourly AS kept (hour, key_id, model, delivery, ", sum_columns,
           ") VALUES (?, ?, ?, ?, ", sum_values,
           ") ON CONFLICT (hour, key_id, model, delivery) DO UPDATE SET ", add_sums);
constexpr auto add_to_day =
    joined("INSERT INTO usage_daily AS kept (day, key_id, model, delivery, ", sum_columns,
           ") VALUES (?, ?, ?, ?, ", sum_values,
           ") ON CONFLICT (day, key_id, model, delivery) DO UPDATE SET ", add_sums);
constexpr auto add_to_hour_of_all_keys =
    joined("INSERT INTO usage_hourly_all_keys AS kept (hour, model, delivery, ", sum_columns,
           ") VALUES (?, ?, ?, ", sum_values,
           ") ON CONFLICT (hour, model, delivery) DO UPDATE SET ", add_sums);
constexpr SqlText move_position =
    "INSERT INTO journal_positions (journal, sequence) VALUES (?, ?) "
    "ON CONFLICT (journal) DO UPDATE SET sequence = CASE "
    "WHEN journal_positions.sequence >= excluded.sequence "
    "THEN journal_positions.sequence ELSE excluded.sequence END";

constexpr auto select_balance =
    joined("SELECT ", sum_columns, " FROM key_balances WHERE key_id = ?");

Result<void> insert(SqlConnection& connection, const LedgerEntry& entry) {
  const LedgerEntry charged = as_charged(entry);
  const core::Usage& usage = charged.usage;
  return connection.run(insert_entry, entry.attempt.bytes, entry.request, entry.key, entry.endpoint,
                        entry.delivery, entry.is_stream, entry.attempts, entry.status,
                        entry.first_byte_ms, entry.duration_ms, entry.started, entry.held,
                        usage.input, usage.output, usage.cache_write_5m, usage.cache_write_1h,
                        usage.cache_read, usage.web_searches, usage.is_estimated, entry.model,
                        entry.served_model, entry.upstream, entry.upstream_request,
                        entry.client.bytes, charged.cost, entry.price_version, charged.is_unpriced,
                        entry.terms.tier, entry.terms.geo, entry.terms.is_fast);
}

Result<void> add(SqlConnection& connection, const BatchTotals& totals) {
  Result<void> done;
  for (const auto& [key, balance] : totals.by_key) {
    core::UsageSums sums = balance.sums;
    sums.requests -= sums.refused;
    if (done) {
      done = run_with_sums(connection, add_to_balance, sums, key, balance.first_used,
                           balance.last_used);
    }
  }
  for (const auto& [place, sums] : totals.by_hour) {
    const auto& [hour, key, model, delivery] = place;
    if (done) done = run_with_sums(connection, add_to_hour, sums, hour, key, model, delivery);
  }
  for (const auto& [place, sums] : totals.by_day) {
    const auto& [day, key, model, delivery] = place;
    if (done) done = run_with_sums(connection, add_to_day, sums, day, key, model, delivery);
  }
  for (const auto& [place, sums] : totals.by_hour_of_all_keys) {
    const auto& [hour, model, delivery] = place;
    if (done) {
      done = run_with_sums(connection, add_to_hour_of_all_keys, sums, hour, model, delivery);
    }
  }
  return done;
}

}  // namespace

Result<void> SqlStore::append(std::span<const LedgerEntry> entries,
                              std::span<const JournalPosition> positions) {
  return write([&](SqlConnection& connection) -> Result<void> {
    BatchTotals totals;
    for (const LedgerEntry& entry : entries) {
      const Result<void> inserted = insert(connection, entry);
      if (!inserted) return inserted;
      if (connection.changes() == 1) totals.add(entry);  // Else it was here already.
    }
    Result<void> done = add(connection, totals);
    for (const JournalPosition& position : positions) {
      if (done) done = connection.run(move_position, position.journal, position.sequence);
    }
    return done;
  });
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
