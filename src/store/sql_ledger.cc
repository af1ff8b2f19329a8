#include "store/batch_totals.h"
#include "store/sql_store.h"

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
constexpr SqlText add_to_balance =
    "INSERT INTO key_balances (key_id, requests, estimated_requests, input, output, "
    "cache_write_5m, cache_write_1h, cache_read, web_searches, cost, first_used, last_used) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO UPDATE SET "
    "requests = key_balances.requests + excluded.requests, "
    "estimated_requests = key_balances.estimated_requests + excluded.estimated_requests, "
    "input = key_balances.input + excluded.input, "
    "output = key_balances.output + excluded.output, "
    "cache_write_5m = key_balances.cache_write_5m + excluded.cache_write_5m, "
    "cache_write_1h = key_balances.cache_write_1h + excluded.cache_write_1h, "
    "cache_read = key_balances.cache_read + excluded.cache_read, "
    "web_searches = key_balances.web_searches + excluded.web_searches, "
    "cost = key_balances.cost + excluded.cost, "
    "first_used = CASE WHEN key_balances.first_used <= excluded.first_used "
    "THEN key_balances.first_used ELSE coalesce(excluded.first_used, key_balances.first_used) END, "
    "last_used = CASE WHEN key_balances.last_used >= excluded.last_used "
    "THEN key_balances.last_used ELSE coalesce(excluded.last_used, key_balances.last_used) END";
constexpr SqlText add_to_hour =
    "INSERT INTO usage_hourly (hour, key_id, model, delivery, requests, estimated_requests, "
    "unpriced_requests, input, output, cache_write_5m, cache_write_1h, cache_read, web_searches, "
    "cost) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (hour, key_id, model, delivery) DO UPDATE SET "
    "requests = usage_hourly.requests + excluded.requests, "
    "estimated_requests = usage_hourly.estimated_requests + excluded.estimated_requests, "
    "unpriced_requests = usage_hourly.unpriced_requests + excluded.unpriced_requests, "
    "input = usage_hourly.input + excluded.input, "
    "output = usage_hourly.output + excluded.output, "
    "cache_write_5m = usage_hourly.cache_write_5m + excluded.cache_write_5m, "
    "cache_write_1h = usage_hourly.cache_write_1h + excluded.cache_write_1h, "
    "cache_read = usage_hourly.cache_read + excluded.cache_read, "
    "web_searches = usage_hourly.web_searches + excluded.web_searches, "
    "cost = usage_hourly.cost + excluded.cost";
constexpr SqlText move_position =
    "INSERT INTO journal_positions (journal, sequence) VALUES (?, ?) "
    "ON CONFLICT (journal) DO UPDATE SET sequence = CASE "
    "WHEN journal_positions.sequence >= excluded.sequence "
    "THEN journal_positions.sequence ELSE excluded.sequence END";

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
  for (const auto& [key, sum] : totals.by_key) {
    if (!done) return done;
    const core::Usage& usage = sum.usage;
    done =
        connection.run(add_to_balance, key, sum.requests, sum.estimated_requests, usage.input,
                       usage.output, usage.cache_write_5m, usage.cache_write_1h, usage.cache_read,
                       usage.web_searches, sum.cost, sum.first_used, sum.last_used);
  }
  for (const auto& [hour, sum] : totals.by_hour) {
    if (!done) return done;
    const auto& [start, key, model, delivery] = hour;
    const core::Usage& usage = sum.usage;
    done = connection.run(add_to_hour, start, key, model, delivery, sum.requests,
                          sum.estimated_requests, sum.unpriced_requests, usage.input, usage.output,
                          usage.cache_write_5m, usage.cache_write_1h, usage.cache_read,
                          usage.web_searches, sum.cost);
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
    core::UsageTotals totals{.usage = {.input = row.integer(2),
                                       .output = row.integer(3),
                                       .cache_write_5m = row.integer(4),
                                       .cache_write_1h = row.integer(5),
                                       .cache_read = row.integer(6),
                                       .web_searches = static_cast<std::int32_t>(row.integer(7)),
                                       .is_estimated = row.integer(1) > 0},
                             .cost = row.integer(8),
                             .requests = row.integer(0)};
    return totals;
  };
  const auto found = rows(
      totals_of,
      SqlText{"SELECT requests, estimated_requests, input, output, cache_write_5m, "
              "cache_write_1h, cache_read, web_searches, cost FROM key_balances WHERE key_id = ?"},
      key);
  if (!found) return std::unexpected(found.error());
  return found->empty() ? core::UsageTotals{} : found->front();
}

}  // namespace relay::store
