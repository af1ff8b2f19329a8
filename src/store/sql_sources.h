#pragma once

#include <vector>

#include "base/clock.h"
#include "store/sql_text.h"

// From where sums over a time are read: the coarser the table, the fewer the rows.
namespace relay::store {

// From inclusive, to exclusive.
struct TimeSpan {
  WallTime from;
  WallTime to;
};

// Before and after all that was ever recorded.
inline constexpr WallTime beginning_of_time{std::chrono::milliseconds{-100'000'000'000'000}};
inline constexpr WallTime end_of_time{std::chrono::milliseconds{1'000'000'000'000'000}};

// Entries as if each were a sum. Refused ones were written with nothing to charge; corrections are
// no exchanges, and take back that something was unpriced.
inline constexpr char entries_as_sums[] =
    "(SELECT id, started, key_id, delivery, "
    "CASE WHEN served_model = '' THEN model ELSE served_model END AS model, "
    "CASE WHEN delivery <> 5 THEN 1 ELSE 0 END AS requests, "
    "CASE WHEN delivery <> 5 AND is_estimated THEN 1 ELSE 0 END AS estimated_requests, "
    "CASE WHEN NOT is_unpriced THEN 0 WHEN delivery <> 5 THEN 1 ELSE -1 END AS unpriced_requests, "
    "input, output, cache_write_5m, cache_write_1h, cache_read, web_searches, cost "
    "FROM ledger) AS entries";

// Something with the columns of sums and, as far as they are not sums over all of them, key_id,
// model and delivery.
struct SumSource {
  SqlText table;
  SqlText time;     // Of a row, by which it is looked for,
  SqlText hour;     // and when its hour and
  SqlText quarter;  // quarter of an hour began.
  SqlText refused = "CASE WHEN delivery = 3 THEN requests ELSE 0 END";
  SqlText summed_refused = "sum(requests) FILTER (WHERE delivery = 3)";
  bool is_by_key = false;  // Rows lie by key, and by time within a key.
  bool is_ledger = false;  // Rows are entries, which SQLite finds by their places.
};

struct SourcePart {
  const SumSource* source;
  TimeSpan span;
};

enum class Grain { entry, hour, day, day_of_all_models };

// All of the span, each part of it from the coarsest source that `coarsest` allows.
std::vector<SourcePart> parts_of_keys(const TimeSpan& span, Grain coarsest);
// The same where sums over all keys will do. There are none by day.
std::vector<SourcePart> parts_of_all_keys(const TimeSpan& span, Grain coarsest);

}  // namespace relay::store
