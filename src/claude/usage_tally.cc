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

constexpr TokenCount Usage::*token_kinds[] = {&Usage::input, &Usage::output, &Usage::cache_write_5m,
                                              &Usage::cache_write_1h, &Usage::cache_read};

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
  if (report.compactions != Usage{}) raise_compactions(report.compactions);

  // Only the first report of a stream has these.
  if (report.terms.tier != ServiceTier::unknown) terms_.tier = report.terms.tier;
  if (report.terms.geo != InferenceGeo::unknown) terms_.geo = report.terms.geo;
  terms_.is_fast = terms_.is_fast || report.terms.is_fast;

  has_counts_ = has_counts_ || report.has_counts();
  has_input_ = has_input_ || report.input.has_value();
  is_bad_ = is_bad_ || report.is_bad;
}

void UsageTally::raise_compactions(const Usage& reported) {
  if (compactions_ == nullptr) compactions_ = std::make_unique<Usage>();
  for (const auto kind : token_kinds) raise((*compactions_).*kind, reported.*kind);
}

// What the split of the cached tokens does not account for was kept for the default five minutes.
Usage UsageTally::usage() const noexcept {
  Usage usage = counts_;
  usage.cache_write_5m = std::max(counts_.cache_write_5m, cache_write_ - counts_.cache_write_1h);
  for (const auto kind : token_kinds) {
    const TokenCount on_top = compactions_ == nullptr ? 0 : (*compactions_).*kind;
    usage.*kind = std::min(usage.*kind + on_top, limits::tokens_per_count_max);
  }
  return usage;
}

}  // namespace relay::claude
