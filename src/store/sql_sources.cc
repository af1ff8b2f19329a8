#include "store/sql_sources.h"

namespace relay::store {

constexpr SumSource entry_sums{
    .table =
        "(SELECT started, key_id, delivery, "
        "CASE WHEN served_model = '' THEN model ELSE served_model END AS model, "
        "CASE WHEN delivery <> 5 THEN 1 ELSE 0 END AS requests, "
        "CASE WHEN delivery <> 5 AND is_estimated THEN 1 ELSE 0 END AS estimated_requests, "
        "CASE WHEN NOT is_unpriced THEN 0 WHEN delivery <> 5 THEN 1 ELSE -1 END "
        "AS unpriced_requests, "
        "input, output, cache_write_5m, cache_write_1h, cache_read, web_searches, cost "
        "FROM ledger) AS entries",
    .time = "started",
    .hour = "started - started % 3600000",
    .quarter = "started - started % 900000"};

namespace {

constexpr SumSource hours{
    .table = "usage_hourly", .time = "hour", .hour = "hour", .quarter = "hour"};
constexpr SumSource hours_of_all_keys{
    .table = "usage_hourly_all_keys", .time = "hour", .hour = "hour", .quarter = "hour"};
constexpr SumSource days{.table = "usage_daily", .time = "day", .hour = "day", .quarter = "day"};

template <typename Unit>
bool has_whole(const TimeSpan& span) noexcept {
  return std::chrono::ceil<Unit>(span.from) < std::chrono::floor<Unit>(span.to);
}

void add(std::vector<SourcePart>& parts, const SumSource& source, const TimeSpan& span) {
  if (span.from < span.to) parts.push_back({&source, span});
}

void add_hours(std::vector<SourcePart>& parts, const SumSource& source, const TimeSpan& span) {
  using std::chrono::hours;
  if (!has_whole<hours>(span)) return add(parts, entry_sums, span);
  const WallTime first = std::chrono::ceil<hours>(span.from);
  const WallTime last = std::chrono::floor<hours>(span.to);
  add(parts, entry_sums, {span.from, first});
  add(parts, source, {first, last});
  add(parts, entry_sums, {last, span.to});
}

void add_days(std::vector<SourcePart>& parts, const TimeSpan& span) {
  using std::chrono::days;
  if (!has_whole<days>(span)) return add_hours(parts, hours, span);
  const WallTime first = std::chrono::ceil<days>(span.from);
  const WallTime last = std::chrono::floor<days>(span.to);
  add_hours(parts, hours, {span.from, first});
  add(parts, store::days, {first, last});
  add_hours(parts, hours, {last, span.to});
}

}  // namespace

std::vector<SourcePart> parts_of_keys(const TimeSpan& span, Grain coarsest) {
  std::vector<SourcePart> parts;
  switch (coarsest) {
    case Grain::entry: add(parts, entry_sums, span); break;
    case Grain::hour: add_hours(parts, hours, span); break;
    case Grain::day: add_days(parts, span); break;
  }
  return parts;
}

std::vector<SourcePart> parts_of_all_keys(const TimeSpan& span, Grain coarsest) {
  std::vector<SourcePart> parts;
  if (coarsest == Grain::entry) {
    add(parts, entry_sums, span);
  } else {
    add_hours(parts, hours_of_all_keys, span);
  }
  return parts;
}

}  // namespace relay::store
