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
  if (sample_ == nullptr) sample_ = std::make_unique_for_overwrite<Sample>();
  const std::size_t room = sample_->bytes.size() - sample_->size;
  sample_->size += raw.copy(sample_->bytes.data() + sample_->size, room);
}

std::string_view TextEstimate::sample() const noexcept {
  return sample_ == nullptr ? std::string_view{}
                            : std::string_view{sample_->bytes.data(), sample_->size};
}

core::TokenCount TextEstimate::rough_tokens() const noexcept {
  const std::size_t tokens = (bytes_ + token_bytes - 1) / token_bytes;
  return bounded(static_cast<double>(tokens));
}

core::TokenCount TextEstimate::tokens(CountTokens count) const {
  if (sample().empty()) return rough_tokens();
  const auto counted = static_cast<double>(count(unescaped(sample())));
  const double share = static_cast<double>(bytes_) / static_cast<double>(sample().size());
  return bounded(counted * share + 0.5);
}

}  // namespace relay::claude
