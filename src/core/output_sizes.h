#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "base/limits.h"
#include "core/usage.h"

namespace relay::core {

// How much a key's last answers had in them. Any thread; never waits. A reader may meet with a
// mixture of older and newer ones.
class OutputSizes {
 public:
  void add(TokenCount tokens) noexcept {
    const std::uint32_t at = count_.fetch_add(1, std::memory_order_relaxed);
    const TokenCount kept = std::clamp<TokenCount>(tokens, 0, limits::tokens_per_count_max);
    sizes_[at % sizes_.size()].store(static_cast<std::uint32_t>(kept), std::memory_order_relaxed);
  }

  // Nineteen of twenty were no larger. 0: there were none.
  [[nodiscard]] TokenCount p95() const noexcept {
    const std::size_t count =
        std::min<std::size_t>(count_.load(std::memory_order_relaxed), sizes_.size());
    if (count == 0) return 0;
    std::array<std::uint32_t, limits::output_sizes_kept> seen;
    for (std::size_t i = 0; i < count; ++i) seen[i] = sizes_[i].load(std::memory_order_relaxed);
    const std::size_t rank = (count * 95 + 99) / 100 - 1;
    std::nth_element(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(rank),
                     seen.begin() + static_cast<std::ptrdiff_t>(count));
    return seen[rank];
  }

 private:
  std::atomic<std::uint32_t> count_ = 0;
  std::array<std::atomic<std::uint32_t>, limits::output_sizes_kept> sizes_ = {};
};

}  // namespace relay::core
