#include "core/rate.h"

namespace relay::core {
namespace {

using std::chrono::nanoseconds;

std::int64_t ticks(TimePoint at) noexcept {
  return nanoseconds{at.time_since_epoch()}.count();
}

// More than a burst ahead can only have been used under another rate, which counts no longer.
std::int64_t as_it_counts(std::int64_t used_until, const Rate& rate, std::int64_t now) noexcept {
  return std::clamp(used_until, now, now + rate.burst().count());
}

}  // namespace

nanoseconds RatePermits::take(const Rate& rate, TimePoint at) noexcept {
  const std::int64_t now = ticks(at);
  const std::int64_t one = rate.interval().count();
  std::int64_t used_until = used_until_.load(std::memory_order_relaxed);
  for (;;) {
    const std::int64_t from = as_it_counts(used_until, rate, now);
    const std::int64_t wait = std::max<std::int64_t>(from + one - now - rate.burst().count(), 0);
    const std::int64_t next = wait == 0 ? from + one : std::min(from, used_until);
    const bool is_done = next == used_until || used_until_.compare_exchange_weak(
                                                   used_until, next, std::memory_order_relaxed);
    if (is_done) return nanoseconds{wait};
  }
}

RateState RatePermits::state(const Rate& rate, TimePoint at) const noexcept {
  const std::int64_t now = ticks(at);
  const std::int64_t from = as_it_counts(used_until_.load(std::memory_order_relaxed), rate, now);
  return {.remaining = (rate.burst().count() - (from - now)) / rate.interval().count(),
          .full_at = at + nanoseconds{from - now}};
}

}  // namespace relay::core
