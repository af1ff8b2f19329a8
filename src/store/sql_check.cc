// Sums against what they are sums of. The same figures are added up on both sides, one of them with
// its sign turned; what is not zero then is wrong.
#include <array>
#include <map>
#include <utility>

#include "base/limits.h"
#include "store/sql_sources.h"
#include "store/sql_store.h"
#include "store/sql_sums.h"

namespace relay::store {

using core::Difference;

namespace {

constexpr std::string_view kept_since_setting = "ledger_kept_since";

constexpr std::array counts = {
    "requests",       "estimated requests", "unpriced requests", "input",        "output",
    "cache write 5m", "cache write 1h",     "cache read",        "web searches", "cost",
    "refused"};

// Of each statement first come a time, a key, a model and a delivery, then the counts.
constexpr char other_less[] =
    ", -estimated_requests, -unpriced_requests, -input, -output, -cache_write_5m, "
    "-cache_write_1h, -cache_read, -web_searches, -cost ";
constexpr char where_wrong[] =
    " HAVING sum(requests) <> 0 OR sum(estimated_requests) <> 0 OR sum(unpriced_requests) <> 0 "
    "OR sum(input) <> 0 OR sum(output) <> 0 OR sum(cache_write_5m) <> 0 "
    "OR sum(cache_write_1h) <> 0 OR sum(cache_read) <> 0 OR sum(web_searches) <> 0 "
    "OR sum(cost) <> 0";
constexpr char in_order[] = " ORDER BY 1, 2 LIMIT ?";

constexpr auto balances_against_hours =
    joined("SELECT 0, key_id, '', 0, ", summed_columns, ", 0 FROM (SELECT key_id, ", sum_columns,
           " FROM key_balances UNION ALL "
           "SELECT key_id, CASE delivery WHEN 3 THEN 0 ELSE -requests END",
           other_less, "FROM usage_hourly) AS sums GROUP BY key_id", where_wrong, in_order);

constexpr auto hours_against_entries = joined(
    "SELECT hour, key_id, model, delivery, ", summed_columns,
    ", 0 FROM (SELECT hour, key_id, model, delivery, ", sum_columns,
    " FROM usage_hourly WHERE hour >= ? UNION ALL "
    "SELECT started - started % 3600000, key_id, model, delivery, -requests",
    other_less, "FROM ", entries_as_sums,
    " WHERE started >= ?) AS sums GROUP BY hour, key_id, model, delivery", where_wrong, in_order);

constexpr auto hours_of_all_keys_against_hours = joined(
    "SELECT hour, 0, model, delivery, ", summed_columns, ", 0 FROM (SELECT hour, model, delivery, ",
    sum_columns, " FROM usage_hourly_all_keys UNION ALL SELECT hour, model, delivery, -requests",
    other_less, "FROM usage_hourly) AS sums GROUP BY hour, model, delivery", where_wrong, in_order);

constexpr auto days_against_hours =
    joined("SELECT day, key_id, model, delivery, ", summed_columns,
           ", 0 FROM (SELECT day, key_id, model, delivery, ", sum_columns,
           " FROM usage_daily UNION ALL "
           "SELECT hour - hour % 86400000, key_id, model, delivery, -requests",
           other_less, "FROM usage_hourly) AS sums GROUP BY day, key_id, model, delivery",
           where_wrong, in_order);

constexpr auto days_of_all_models_against_hours =
    joined("SELECT day, key_id, '', 0, ", summed_columns,
           ", sum(refused) FROM (SELECT day, key_id, ", sum_columns,
           ", refused FROM usage_daily_all_models UNION ALL "
           "SELECT hour - hour % 86400000, key_id, -requests",
           other_less,
           ", CASE delivery WHEN 3 THEN -requests ELSE 0 END FROM usage_hourly) AS sums "
           "GROUP BY day, key_id",
           where_wrong, " OR sum(refused) <> 0", in_order);

// Of check_sums(), which adds these up itself: of each key the counts, and requests that were
// refused. What is of all keys is of key 0.
constexpr char of_each_key[] = " GROUP BY key_id";
constexpr auto balances_by_key = joined("SELECT key_id, ", sum_columns, ", 0 FROM key_balances");
constexpr auto hours_by_key =
    joined("SELECT key_id, ", summed_columns,
           ", sum(CASE delivery WHEN 3 THEN requests ELSE 0 END) FROM usage_hourly", of_each_key);
constexpr auto days_by_key =
    joined("SELECT key_id, ", summed_columns,
           ", sum(CASE delivery WHEN 3 THEN requests ELSE 0 END) FROM usage_daily", of_each_key);
constexpr auto days_of_all_models_by_key = joined(
    "SELECT key_id, ", summed_columns, ", sum(refused) FROM usage_daily_all_models", of_each_key);
constexpr auto hours_of_all_keys =
    joined("SELECT 0, ", summed_columns,
           ", sum(CASE delivery WHEN 3 THEN requests ELSE 0 END) FROM usage_hourly_all_keys "
           "HAVING count(*) > 0");

std::string balance_of(const SqlRow& row) {
  return "balance of key " + std::to_string(row.integer(1));
}

std::string key_and_model_of(const SqlRow& row) {
  const std::int64_t key = row.integer(1);
  return std::to_string(row.integer(0)) + " of " +
         (key == 0 ? "all keys" : "key " + std::to_string(key)) + ", model " +
         std::string{row.text(2)} + ", delivery " + std::to_string(row.integer(3));
}

std::string hour_of(const SqlRow& row) {
  return "hour " + key_and_model_of(row);
}

std::string day_of(const SqlRow& row) {
  return "day " + key_and_model_of(row);
}

std::string whole_day_of(const SqlRow& row) {
  return "day " + std::to_string(row.integer(0)) + " of key " + std::to_string(row.integer(1)) +
         ", all models";
}

// The first thousand of each kind tell enough.
struct Comparison {
  SqlConnection& connection;
  std::vector<Difference>& differences;

  template <typename... Values>
  Result<void> note(std::string (*where)(const SqlRow&), SqlText sql, const Values&... values) {
    const auto note_row = [&](const SqlRow& row) {
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::int64_t excess = row.integer(4 + static_cast<int>(i));
        if (excess == 0) continue;
        differences.push_back({.where = where(row), .count = counts[i], .excess = excess});
      }
    };
    return connection.each(sql, note_row, values..., limits::differences_max);
  }
};

using Sums = std::array<std::int64_t, counts.size()>;
using SumsByKey = std::map<std::int64_t, Sums>;

void note_sums(const SqlRow& row, SumsByKey& sums) {
  Sums& of_key = sums[row.integer(0)];
  for (std::size_t i = 0; i < counts.size(); ++i) of_key[i] = row.integer(1 + static_cast<int>(i));
}

Sums total_of(const SumsByKey& sums) {
  Sums total{};
  for (const auto& [key, of_key] : sums) {
    for (std::size_t i = 0; i < counts.size(); ++i) total[i] += of_key[i];
  }
  return total;
}

// As balances have it: what was refused is no request of theirs.
SumsByKey without_refused(SumsByKey sums) {
  for (auto& [key, of_key] : sums) of_key.front() -= std::exchange(of_key.back(), 0);
  return sums;
}

void compare_sums(std::string_view where, SumsByKey kept, const SumsByKey& wanted,
                  std::vector<Difference>& differences) {
  for (const auto& [key, sums] : wanted) {
    Sums& excess = kept[key];
    for (std::size_t i = 0; i < counts.size(); ++i) excess[i] -= sums[i];
  }
  for (const auto& [key, excess] : kept) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (excess[i] == 0 || differences.size() >= limits::differences_max) continue;
      differences.push_back({.where = std::string{where} + std::to_string(key),
                             .count = counts[i],
                             .excess = excess[i]});
    }
  }
}

Result<WallTime> kept_since(SqlConnection& connection) {
  std::int64_t since = 0;
  const Result<void> read = connection.each(
      "SELECT value FROM settings WHERE name = ?",
      [&since](const SqlRow& row) { since = row.integer(0); }, kept_since_setting);
  if (!read) return std::unexpected(read.error());
  return WallTime{std::chrono::milliseconds{since}};
}

}  // namespace

Result<std::vector<Difference>> SqlStore::check() {
  std::vector<Difference> differences;
  const Result<void> done = read_at_leisure([&](SqlConnection& connection) -> Result<void> {
    const Result<WallTime> since = kept_since(connection);
    if (!since) return std::unexpected(since.error());
    Comparison compare{connection, differences};
    Result<void> read = compare.note(balance_of, balances_against_hours);
    if (read) read = compare.note(hour_of, hours_against_entries, *since, *since);
    if (read) read = compare.note(hour_of, hours_of_all_keys_against_hours);
    if (read) read = compare.note(day_of, days_against_hours);
    if (read) read = compare.note(whole_day_of, days_of_all_models_against_hours);
    return read;
  });
  if (!done) return std::unexpected(done.error());
  return differences;
}

Result<std::vector<Difference>> SqlStore::check_sums() {
  Result<std::vector<Difference>> found;
  const Result<void> done = read_at_leisure([&](SqlConnection& connection) -> Result<void> {
    Result<void> read;
    const auto add_up = [&](SqlText sql) {
      SumsByKey sums;
      if (read) read = connection.each(sql, [&sums](const SqlRow& row) { note_sums(row, sums); });
      return sums;
    };
    const SumsByKey hours = add_up(hours_by_key);
    const SumsByKey balances = add_up(balances_by_key);
    const SumsByKey days = add_up(days_by_key);
    const SumsByKey days_of_all_models = add_up(days_of_all_models_by_key);
    const SumsByKey of_all_keys = add_up(hours_of_all_keys);
    if (!read) return read;
    found = std::vector<Difference>{};
    compare_sums("balance of key ", balances, without_refused(hours), *found);
    compare_sums("days of key ", days, hours, *found);
    compare_sums("days of all models of key ", days_of_all_models, hours, *found);
    compare_sums("hours of all keys, as key ", of_all_keys, {{0, total_of(hours)}}, *found);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return found;
}

// Whole hours go, so that those that stay can still be checked.
Result<std::int64_t> SqlStore::forget_entries(WallTime before, std::size_t rows_max) {
  const WallTime horizon = std::chrono::floor<std::chrono::hours>(before);
  std::int64_t forgotten = 0;
  const Result<void> done = write([&](SqlConnection& connection) -> Result<void> {
    const Result<std::int64_t> removed = remove_entries(connection, horizon, rows_max);
    if (!removed) return std::unexpected(removed.error());
    forgotten = *removed;
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

Result<std::int64_t> SqlStore::remove_entries(SqlConnection& connection, WallTime before,
                                              std::size_t rows_max) {
  const Result<void> removed = connection.run(
      "DELETE FROM ledger WHERE id IN (SELECT id FROM ledger WHERE started < ? LIMIT ?)", before,
      rows_max);
  if (!removed) return std::unexpected(removed.error());
  return connection.changes();
}

Result<std::optional<WallTime>> SqlStore::start_beyond(std::size_t rows) {
  const auto found = this->rows(
      [](const SqlRow& row) { return WallTime{std::chrono::milliseconds{row.integer(0)}}; },
      SqlText{"SELECT started FROM ledger ORDER BY started DESC LIMIT 1 OFFSET ?"}, rows);
  if (!found) return std::unexpected(found.error());
  return found->empty() ? std::optional<WallTime>{} : found->front();
}

}  // namespace relay::store
