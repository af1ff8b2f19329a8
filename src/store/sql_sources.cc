#include "store/sql_sources.h"

namespace relay::store {

namespace {

constexpr auto entries_as_sums_text = joined(entries_as_sums);
constexpr SumSource entry_sums{.table = entries_as_sums_text,
                               .time = "started",
                               .hour = "started - started % 3600000",
                               .quarter = "started - started % 900000",
                               .is_ledger = true};
constexpr SumSource hours{
    .table = "usage_hourly", .time = "hour", .hour = "hour", .quarter = "hour", .is_by_key = true};
constexpr SumSource days{
    .table = "usage_daily", .time = "day", .hour = "day", .quarter = "day", .is_by_key = true};
constexpr SumSource days_of_all_models{.table = "usage_daily_all_models",
                                       .time = "day",
                                       .hour = "day",
                                       .quarter = "day",
                                       .refused = "refused",
                                       .summed_refused = "sum(refused)",
                                       .is_by_key = true};
constexpr SumSource hours_of_all_keys{
    .table = "usage_hourly_all_keys", .time = "hour", .hour = "hour", .quarter = "hour"};

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

void add_days(std::vector<SourcePart>& parts, const SumSource& source, const TimeSpan& span) {
  using std::chrono::days;
  if (!has_whole<days>(span)) return add_hours(parts, hours, span);
  const WallTime first = std::chrono::ceil<days>(span.from);
  const WallTime last = std::chrono::floor<days>(span.to);
  add_hours(parts, hours, {span.from, first});
  add(parts, source, {first, last});
  add_hours(parts, hours, {last, span.to});
}

}  // namespace

std::vector<SourcePart> parts_of_keys(const TimeSpan& span, Grain coarsest) {
  std::vector<SourcePart> parts;
  switch (coarsest) {
    case Grain::entry: add(parts, entry_sums, span); break;
    case Grain::hour: add_hours(parts, hours, span); break;
    case Grain::day: add_days(parts, days, span); break;
    case Grain::day_of_all_models: add_days(parts, days_of_all_models, span); break;
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
