#include "claude/text_estimate.h"

#include <algorithm>

#include "base/frame_pool.h"
#include "base/limits.h"
#include "claude/json_text.h"

namespace relay::claude {
namespace {

constexpr std::size_t token_bytes = 4;
constexpr std::size_t first_sample_bytes = 64;
constexpr std::size_t growth = 4;

core::TokenCount bounded(double tokens) noexcept {
  constexpr auto tokens_max = static_cast<double>(limits::tokens_per_count_max);
  return static_cast<core::TokenCount>(std::min(tokens, tokens_max));
}

}  // namespace

void TextEstimate::add(std::string_view raw) {
  bytes_ += raw.size();
  while (!raw.empty() && sample_bytes_ < limits::estimate_sample_bytes) {
    if (sample_bytes_ == sample_bytes_max_) grow_sample();
    const std::size_t room = sample_bytes_max_ - sample_bytes_;
    const std::size_t taken = raw.copy(sample_ + sample_bytes_, room);
    sample_bytes_ += static_cast<std::uint32_t>(taken);
    raw.remove_prefix(taken);
  }
}

void TextEstimate::grow_sample() {
  const std::size_t wanted = std::max<std::size_t>(sample_bytes_max_ * growth, first_sample_bytes);
  const std::size_t size = std::min(wanted, limits::estimate_sample_bytes);
  char* const grown = static_cast<char*>(allocate_frame(size));
  sample().copy(grown, sample_bytes_);
  free_sample();
  sample_ = grown;
  sample_bytes_max_ = static_cast<std::uint32_t>(size);
}

void TextEstimate::free_sample() noexcept {
  if (sample_ != nullptr) free_frame(sample_, sample_bytes_max_);
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
