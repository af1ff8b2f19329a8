// Sums against what they are sums of. The same figures are added up on both sides, one of them with
// its sign turned; what is not zero then is wrong.
#include <array>

#include "base/limits.h"
#include "store/sql_store.h"

namespace relay::store {

using core::Difference;

namespace {

constexpr std::string_view kept_since_setting = "ledger_kept_since";

constexpr std::array counts = {"requests",   "estimated requests", "input",
                               "output",     "cache write 5m",     "cache write 1h",
                               "cache read", "web searches",       "cost"};

constexpr SqlText balances_against_hours =
    "SELECT key_id, sum(requests), sum(estimated_requests), sum(input), sum(output), "
    "sum(cache_write_5m), sum(cache_write_1h), sum(cache_read), sum(web_searches), sum(cost) "
    "FROM (SELECT key_id, requests, estimated_requests, input, output, cache_write_5m, "
    "cache_write_1h, cache_read, web_searches, cost FROM key_balances "
    "UNION ALL SELECT key_id, CASE delivery WHEN 3 THEN 0 ELSE -requests END, -estimated_requests, "
    "-input, -output, -cache_write_5m, -cache_write_1h, -cache_read, -web_searches, -cost "
    "FROM usage_hourly) AS sums GROUP BY key_id HAVING sum(requests) <> 0 "
    "OR sum(estimated_requests) <> 0 OR sum(input) <> 0 OR sum(output) <> 0 "
    "OR sum(cache_write_5m) <> 0 OR sum(cache_write_1h) <> 0 OR sum(cache_read) <> 0 "
    "OR sum(web_searches) <> 0 OR sum(cost) <> 0 ORDER BY key_id LIMIT ?";

// Refused exchanges were written with nothing to charge, corrections are no exchanges.
constexpr SqlText hours_against_entries =
    "SELECT hour, key_id, model, delivery, sum(requests), sum(estimated_requests), sum(input), "
    "sum(output), sum(cache_write_5m), sum(cache_write_1h), sum(cache_read), sum(web_searches), "
    "sum(cost) FROM (SELECT hour, key_id, model, delivery, requests, estimated_requests, input, "
    "output, cache_write_5m, cache_write_1h, cache_read, web_searches, cost FROM usage_hourly "
    "WHERE hour >= ? "
    "UNION ALL SELECT started - started % 3600000, key_id, "
    "CASE served_model WHEN '' THEN model ELSE served_model END, delivery, "
    "CASE delivery WHEN 5 THEN 0 ELSE -1 END, CASE delivery WHEN 5 THEN 0 ELSE -is_estimated END, "
    "-input, -output, -cache_write_5m, -cache_write_1h, -cache_read, -web_searches, -cost "
    "FROM ledger WHERE started >= ?) AS sums GROUP BY hour, key_id, model, delivery "
    "HAVING sum(requests) <> 0 OR sum(estimated_requests) <> 0 OR sum(input) <> 0 "
    "OR sum(output) <> 0 OR sum(cache_write_5m) <> 0 OR sum(cache_write_1h) <> 0 "
    "OR sum(cache_read) <> 0 OR sum(web_searches) <> 0 OR sum(cost) <> 0 "
    "ORDER BY hour, key_id LIMIT ?";

void note(std::vector<Difference>& differences, const std::string& where, const SqlRow& row,
          int first) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::int64_t excess = row.integer(first + static_cast<int>(i));
    if (excess != 0) differences.push_back({.where = where, .count = counts[i], .excess = excess});
  }
}

std::string hour_of(const SqlRow& row) {
  return "hour " + std::to_string(row.integer(0)) + " of key " + std::to_string(row.integer(1)) +
         ", model " + std::string{row.text(2)} + ", delivery " + std::to_string(row.integer(3));
}

}  // namespace

Result<std::vector<Difference>> SqlStore::check() {
  const Result<std::optional<std::string>> setting = find_setting(kept_since_setting);
  if (!setting) return std::unexpected(setting.error());
  const std::int64_t kept_since = *setting ? std::stoll(**setting) : 0;

  std::vector<Difference> differences;
  const Result<Lease> connection = reader();
  if (!connection) return std::unexpected(connection.error());
  Result<void> read =
      (*connection)
          ->each(
              balances_against_hours,
              [&](const SqlRow& row) {
                note(differences, "balance of key " + std::to_string(row.integer(0)), row, 1);
              },
              limits::differences_max);
  if (!read) return std::unexpected(read.error());
  read = (*connection)
             ->each(
                 hours_against_entries,
                 [&](const SqlRow& row) { note(differences, hour_of(row), row, 4); }, kept_since,
                 kept_since, limits::differences_max);
  if (!read) return std::unexpected(read.error());
  return differences;
}

// Whole hours go, so that those that stay can still be checked.
Result<std::int64_t> SqlStore::forget_entries(WallTime before, std::size_t rows_max) {
  const WallTime horizon = std::chrono::floor<std::chrono::hours>(before);
  std::int64_t forgotten = 0;
  const Result<void> done = write([&](SqlConnection& connection) -> Result<void> {
    Result<void> ran = connection.run(
        "DELETE FROM ledger WHERE id IN (SELECT id FROM ledger WHERE started < ? LIMIT ?)", horizon,
        rows_max);
    if (!ran) return ran;
    forgotten = connection.changes();
    if (forgotten == 0) return {};
    const std::string since = std::to_string(horizon.time_since_epoch().count());
    return connection.run(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = "
        "CASE WHEN length(settings.value) > length(excluded.value) OR "
        "(length(settings.value) = length(excluded.value) AND settings.value > excluded.value) "
        "THEN settings.value ELSE excluded.value END",
        kept_since_setting, since);
  });
  if (!done) return std::unexpected(done.error());
  return forgotten;
}

Result<std::optional<WallTime>> SqlStore::start_beyond(std::size_t rows) {
  const auto found = this->rows(
      [](const SqlRow& row) { return WallTime{std::chrono::milliseconds{row.integer(0)}}; },
      SqlText{"SELECT started FROM ledger ORDER BY started DESC LIMIT 1 OFFSET ?"}, rows);
  if (!found) return std::unexpected(found.error());
  return found->empty() ? std::optional<WallTime>{} : found->front();
}

}  // namespace relay::store
