#pragma once

#include "core/report.h"
#include "store/sql_columns.h"

// The columns of sums, which all tables of sums share: how they are written and read.
namespace relay::store {

inline constexpr char sum_columns[] =
    "requests, estimated_requests, unpriced_requests, input, output, cache_write_5m, "
    "cache_write_1h, cache_read, web_searches, cost";
inline constexpr char summed_columns[] =
    "sum(requests), sum(estimated_requests), sum(unpriced_requests), sum(input), sum(output), "
    "sum(cache_write_5m), sum(cache_write_1h), sum(cache_read), sum(web_searches), sum(cost)";
inline constexpr char sum_values[] = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?";
inline constexpr char add_sums[] =
    "requests = kept.requests + excluded.requests, "
    "estimated_requests = kept.estimated_requests + excluded.estimated_requests, "
    "unpriced_requests = kept.unpriced_requests + excluded.unpriced_requests, "
    "input = kept.input + excluded.input, output = kept.output + excluded.output, "
    "cache_write_5m = kept.cache_write_5m + excluded.cache_write_5m, "
    "cache_write_1h = kept.cache_write_1h + excluded.cache_write_1h, "
    "cache_read = kept.cache_read + excluded.cache_read, "
    "web_searches = kept.web_searches + excluded.web_searches, cost = kept.cost + excluded.cost";

// Runs an upsert whose values are `first` and then the sums.
template <typename Run, typename... First>
Result<void> run_with_sums(Run&& run, SqlText sql, const core::UsageSums& sums,
                           const First&... first) {
  const core::Usage& usage = sums.usage;
  return run(sql, first..., sums.requests, sums.estimated, sums.unpriced, usage.input, usage.output,
             usage.cache_write_5m, usage.cache_write_1h, usage.cache_read, usage.web_searches,
             sums.cost);
}

// All but `refused`.
inline core::UsageSums read_sums(SqlColumns& columns) {
  core::UsageSums sums;
  core::Usage& usage = sums.usage;
  columns.read(sums.requests, sums.estimated, sums.unpriced, usage.input, usage.output,
               usage.cache_write_5m, usage.cache_write_1h, usage.cache_read, usage.web_searches,
               sums.cost);
  usage.is_estimated = sums.estimated > 0;
  return sums;
}

}  // namespace relay::store
