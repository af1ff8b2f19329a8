#include "claude/usage_tally.h"

#include <algorithm>

#include "base/limits.h"

namespace relay::claude {
namespace {

using core::TokenCount;
using core::Usage;

void raise(TokenCount& count, UsageReport::Count reported) noexcept {
  count = std::max(count, reported.value_or(0));
}

void raise(Usage& usage, const Usage& reported) noexcept {
  for (const auto kind : core::token_kinds) raise(usage.*kind, reported.*kind);
}

}  // namespace

void UsageTally::add(const UsageReport& report) {
  raise(counts_.input, report.input);
  raise(counts_.output, report.output);
  raise(counts_.cache_write_5m, report.cache_write_5m);
  raise(counts_.cache_write_1h, report.cache_write_1h);
  raise(counts_.cache_read, report.cache_read);
  raise(cache_write_, report.cache_write);
  const auto searches = static_cast<std::int32_t>(report.web_searches.value_or(0));
  counts_.web_searches = std::max(counts_.web_searches, searches);
  if (report.compactions != Usage{} || !report.advisors.empty()) add_on_top(report);

  // Only the first report of a stream has these.
  if (report.terms.tier != ServiceTier::unknown) terms_.tier = report.terms.tier;
  if (report.terms.geo != InferenceGeo::unknown) terms_.geo = report.terms.geo;
  terms_.is_fast = terms_.is_fast || report.terms.is_fast;

  has_counts_ = has_counts_ || report.has_counts();
  has_input_ = has_input_ || report.input.has_value();
  is_bad_ = is_bad_ || report.is_bad;
}

void UsageTally::add_on_top(const UsageReport& report) {
  if (on_top_ == nullptr) on_top_ = std::make_unique<OnTop>();
  raise(on_top_->compactions, report.compactions);
  for (const AdvisorUsage& advisor : report.advisors) {
    raise(usage_of(on_top_->advisors, advisor.model), advisor.usage);
  }
}

// What the split of the cached tokens does not account for was kept for the default five minutes.
Usage UsageTally::usage() const noexcept {
  Usage usage = counts_;
  usage.cache_write_5m = std::max(counts_.cache_write_5m, cache_write_ - counts_.cache_write_1h);
  if (on_top_ != nullptr) usage += on_top_->compactions;
  return core::bounded(usage);
}

}  // namespace relay::claude
