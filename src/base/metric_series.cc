#include "base/metric_series.h"

#include <algorithm>

namespace relay {

Histogram::Histogram(std::span<const Duration> bounds)
    : bounds_{bounds}, buckets_{std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)} {
}

void Histogram::observe(Duration duration) noexcept {
  duration = std::max(duration, Duration{0});
  const auto bound = std::ranges::lower_bound(bounds_, duration);
  const auto index = static_cast<std::size_t>(bound - bounds_.begin());
  buckets_[index].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(duration.count(), std::memory_order_relaxed);
}

std::uint64_t Histogram::in_bucket(std::size_t index) const noexcept {
  return buckets_[index].load(std::memory_order_relaxed);
}

Histogram::Duration Histogram::sum() const noexcept {
  return Duration{sum_.load(std::memory_order_relaxed)};
}

}  // namespace relay
