#include "admin/usage_report.h"

#include <algorithm>

#include "admin/json_body.h"
#include "base/limits.h"

namespace relay::admin {
namespace {

using namespace std::chrono;
using core::UsageGroup;
using core::UsageSums;

bool is_on_the_hour(WallTime at) {
  return at == floor<hours>(at);
}

Result<std::vector<UsageGroup>> ask(core::Store& store, const UsageQuestion& question,
                                    const Period& period, core::Bucket bucket) {
  core::UsageQuery query{.filter = question.filter, .bucket = bucket, .by = question.by};
  query.filter.from = period.from;
  query.filter.to = period.to;
  return store.usage(query);
}

// One slice. Sums are kept by the hour; where the slice does not begin or end on one, as days in a
// zone like Asia/Kolkata do not, the store reads of those hours the entries themselves.
Result<std::vector<UsageGroup>> sums_of(core::Store& store, const UsageQuestion& question,
                                        const Period& slice) {
  Result<std::vector<UsageGroup>> groups = ask(store, question, slice, core::Bucket::none);
  if (!groups) return groups;
  for (UsageGroup& group : *groups) group.bucket = slice.from;
  return groups;
}

Error too_many_rows() {
  return bad_request("The report would have more than " + std::to_string(limits::report_rows_max) +
                     " rows. Ask for a shorter period, or filter it.");
}

// Hours that are hours of UTC too are what the store keeps: one question is enough.
Result<std::vector<UsageGroup>> by_hours(core::Store& store, const UsageQuestion& question) {
  return ask(store, question, question.period, core::Bucket::hour);
}

}  // namespace

Result<std::vector<UsageGroup>> usage_groups(core::Store& store, const UsageQuestion& question) {
  const Result<std::vector<Period>> parts = slices(question.period, question.cut, question.zone);
  if (!parts) return std::unexpected(parts.error());
  const auto is_whole = [](const Period& slice) {
    return is_on_the_hour(slice.from) && is_on_the_hour(slice.to);
  };
  if (question.cut == Cut::hour && std::ranges::all_of(*parts, is_whole)) {
    return by_hours(store, question);
  }
  std::vector<UsageGroup> all;
  for (const Period& slice : *parts) {
    const auto groups = sums_of(store, question, slice);
    if (!groups) return groups;
    if (all.size() + groups->size() > limits::report_rows_max) {
      return std::unexpected(too_many_rows());
    }
    all.insert(all.end(), groups->begin(), groups->end());
  }
  return all;
}

void write_usage(JsonWriter& json, const core::Usage& usage) {
  const core::TokenCount prompt = usage.input + usage.cache_write() + usage.cache_read;
  json.member("prompt_tokens", prompt)
      .member("completion_tokens", usage.output)
      .member("total_tokens", prompt + usage.output)
      .member("input_tokens", usage.input)
      .member("output_tokens", usage.output)
      .member("cache_creation_input_tokens", usage.cache_write())
      .key("cache_creation")
      .begin_object()
      .member("ephemeral_5m_input_tokens", usage.cache_write_5m)
      .member("ephemeral_1h_input_tokens", usage.cache_write_1h)
      .end()
      .member("cache_read_input_tokens", usage.cache_read)
      .member("web_search_requests", usage.web_searches);
}

void write_cost(JsonWriter& json, core::NanoUsd cost) {
  json.member("cost_usd", Usd{cost}).member("cost_nano_usd", cost);
}

void write_sums(JsonWriter& json, const UsageSums& sums) {
  write_usage(json, sums.usage);
  write_cost(json, sums.cost);
  json.member("requests", sums.requests)
      .member("refused", sums.refused)
      .member("estimated", sums.estimated)
      .member("unpriced", sums.unpriced);
}

}  // namespace relay::admin
