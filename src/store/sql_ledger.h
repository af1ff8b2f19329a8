#pragma once

#include "core/store.h"
#include "store/batch_totals.h"
#include "store/sql_sums.h"

// How the sums of a batch are written. `run(sql, values...)` runs a statement, or keeps it for
// later.
namespace relay::store {

// Requests of a balance are those that were not refused.
inline constexpr auto add_to_balance =
    joined("INSERT INTO key_balances AS kept (key_id, first_used, last_used, ", sum_columns,
           ") VALUES (?, ?, ?, ", sum_values, ") ON CONFLICT (key_id) DO UPDATE SET ", add_sums,
           ", first_used = CASE WHEN kept.first_used <= excluded.first_used THEN kept.first_used "
           "ELSE coalesce(excluded.first_used, kept.first_used) END, "
           "last_used = CASE WHEN kept.last_used >= excluded.last_used THEN kept.last_used "
           "ELSE coalesce(excluded.last_used, kept.last_used) END");
inline constexpr auto add_to_hour =
    joined("INSERT INTO usage_hourly AS kept (hour, key_id, model, delivery, ", sum_columns,
           ") VALUES (?, ?, ?, ?, ", sum_values,
           ") ON CONFLICT (key_id, hour, model, delivery) DO UPDATE SET ", add_sums);
inline constexpr auto add_to_day =
    joined("INSERT INTO usage_daily AS kept (day, key_id, model, delivery, ", sum_columns,
           ") VALUES (?, ?, ?, ?, ", sum_values,
           ") ON CONFLICT (key_id, day, model, delivery) DO UPDATE SET ", add_sums);
inline constexpr auto add_to_day_of_all_models =
    joined("INSERT INTO usage_daily_all_models AS kept (key_id, day, refused, ", sum_columns,
           ") VALUES (?, ?, ?, ", sum_values,
           ") ON CONFLICT (key_id, day) DO UPDATE SET "
           "refused = kept.refused + excluded.refused, ",
           add_sums);
inline constexpr auto add_to_hour_of_all_keys =
    joined("INSERT INTO usage_hourly_all_keys AS kept (hour, model, delivery, ", sum_columns,
           ") VALUES (?, ?, ?, ", sum_values,
           ") ON CONFLICT (hour, model, delivery) DO UPDATE SET ", add_sums);
inline constexpr SqlText move_position =
    "INSERT INTO journal_positions (journal, sequence) VALUES (?, ?) "
    "ON CONFLICT (journal) DO UPDATE SET sequence = CASE "
    "WHEN journal_positions.sequence >= excluded.sequence "
    "THEN journal_positions.sequence ELSE excluded.sequence END";

template <typename Run>
Result<void> write_totals(const BatchTotals& totals, Run&& run) {
  Result<void> done;
  for (const auto& [key, balance] : totals.by_key()) {
    core::UsageSums sums = balance.sums;
    sums.requests -= sums.refused;
    if (done) {
      done = run_with_sums(run, add_to_balance, sums, key, balance.first_used, balance.last_used);
    }
  }
  for (const auto& [place, balance] : totals.by_hour()) {
    const auto& [hour, key, model, delivery] = place;
    if (done) done = run_with_sums(run, add_to_hour, balance.sums, hour, key, model, delivery);
  }
  for (const auto& [place, sums] : totals.by_day()) {
    const auto& [day, key, model, delivery] = place;
    if (done) done = run_with_sums(run, add_to_day, sums, day, key, model, delivery);
  }
  for (const auto& [place, sums] : totals.by_day_of_all_models()) {
    const auto& [day, key] = place;
    if (done) done = run_with_sums(run, add_to_day_of_all_models, sums, key, day, sums.refused);
  }
  for (const auto& [place, sums] : totals.by_hour_of_all_keys()) {
    const auto& [hour, model, delivery] = place;
    if (done) done = run_with_sums(run, add_to_hour_of_all_keys, sums, hour, model, delivery);
  }
  return done;
}

template <typename Run>
Result<void> write_positions(std::span<const core::JournalPosition> positions, Run&& run) {
  Result<void> done;
  for (const core::JournalPosition& position : positions) {
    if (done) done = run(move_position, position.journal, position.sequence);
  }
  return done;
}

}  // namespace relay::store
