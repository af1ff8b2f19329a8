#pragma once

#include <vector>

#include "admin/json_writer.h"
#include "admin/period.h"
#include "base/result.h"
#include "core/store.h"

namespace relay::admin {

// What is asked of the sums in the ledger.
struct UsageQuestion {
  Period period;
  Cut cut = Cut::none;
  TimeZone zone;
  core::LedgerFilter filter;  // But for its period.
  std::vector<core::GroupBy> by;
};

// The sums, cut by the calendar of the zone: ordered by time, then as the store orders them.
// `bucket` of each is when its hour, day or month begins. Where nothing happened there is nothing.
// invalid_request: more than limits::report_rows_max.
Result<std::vector<core::UsageGroup>> usage_groups(core::Store& store,
                                                   const UsageQuestion& question);

// Members of an open object: tokens by kind, as the API and its clients name them.
void write_usage(JsonWriter& json, const core::Usage& usage);

// The same with requests and costs.
void write_sums(JsonWriter& json, const core::UsageSums& sums);

// cost_usd, cost_nano_usd
void write_cost(JsonWriter& json, core::NanoUsd cost);

}  // namespace relay::admin
