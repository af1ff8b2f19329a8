#include "claude/text_estimate.h"

#include <algorithm>

#include "base/limits.h"
#include "claude/json_text.h"

namespace relay::claude {
namespace {

constexpr std::size_t token_bytes = 4;

core::TokenCount bounded(double tokens) noexcept {
  constexpr auto tokens_max = static_cast<double>(limits::tokens_per_count_max);
  return static_cast<core::TokenCount>(std::min(tokens, tokens_max));
}

}  // namespace

void TextEstimate::add(std::string_view raw) {
  bytes_ += raw.size();
  if (sample_.size() == limits::estimate_sample_bytes) return;
  sample_.append(raw.substr(0, limits::estimate_sample_bytes - sample_.size()));
}

core::TokenCount TextEstimate::rough_tokens() const noexcept {
  const std::size_t tokens = (bytes_ + token_bytes - 1) / token_bytes;
  return bounded(static_cast<double>(tokens));
}

core::TokenCount TextEstimate::tokens(CountTokens count) const {
  if (sample_.empty()) return rough_tokens();
  const auto counted = static_cast<double>(count(unescaped(sample_)));
  const double share = static_cast<double>(bytes_) / static_cast<double>(sample_.size());
  return bounded(counted * share + 0.5);
}

}  // namespace relay::claude
