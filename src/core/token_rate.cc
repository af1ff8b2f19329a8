#include "core/token_rate.h"

namespace relay::core {
namespace {

using std::chrono::nanoseconds;

constexpr int version_bits = 16;
constexpr std::int64_t held_max = (std::int64_t{1} << (64 - version_bits)) - 1;

std::int64_t held_in(std::uint64_t word) noexcept {
  return static_cast<std::int64_t>(word >> version_bits);
}

std::uint64_t changed(std::uint64_t word, std::int64_t by) noexcept {
  const auto held =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(held_in(word) + by, 0, held_max));
  return held << version_bits | static_cast<std::uint16_t>(word + 1);
}

}  // namespace

// In nanoseconds of the rate.
std::int64_t TokenRate::used(const Rate& rate, TimePoint now) const noexcept {
  const nanoseconds ahead = nanoseconds{used_until_.load(std::memory_order_acquire)} -
                            nanoseconds{now.time_since_epoch()};
  return std::clamp<std::int64_t>(ahead.count(), 0, rate.burst().count() * debt_bursts_max);
}

nanoseconds TokenRate::hold(const Rate& rate, std::int64_t tokens, TimePoint now) noexcept {
  const std::int64_t burst = rate.burst().count();
  const std::int64_t wanted = std::min(tokens, rate.count);
  std::uint64_t word = held_.load(std::memory_order_acquire);
  for (;;) {
    const std::int64_t others = std::min(held_in(word), rate.count * debt_bursts_max);
    const std::int64_t after = used(rate, now) + (others + wanted) * rate.interval().count();
    if (after > burst) return nanoseconds{after - burst};
    if (held_.compare_exchange_weak(word, changed(word, tokens), std::memory_order_acq_rel)) {
      return nanoseconds{0};
    }
  }
}

void TokenRate::release(std::int64_t held) noexcept {
  std::uint64_t word = held_.load(std::memory_order_relaxed);
  while (!held_.compare_exchange_weak(word, changed(word, -held), std::memory_order_acq_rel)) {
  }
}

void TokenRate::use(const Rate& rate, std::int64_t tokens, TimePoint now) noexcept {
  const std::int64_t from = nanoseconds{now.time_since_epoch()}.count();
  const std::int64_t debt_max = rate.burst().count() * debt_bursts_max;
  const std::int64_t cost =
      rate.interval().count() * std::min(tokens, rate.count * debt_bursts_max);
  std::int64_t used_until = used_until_.load(std::memory_order_relaxed);
  std::int64_t next = 0;
  do {
    next = std::clamp(used_until, from, from + debt_max) + cost;
    next = std::min(next, from + debt_max);
  } while (!used_until_.compare_exchange_weak(used_until, next, std::memory_order_acq_rel));
}

RateState TokenRate::state(const Rate& rate, TimePoint now) const noexcept {
  const std::int64_t interval = rate.interval().count();
  const std::int64_t taken =
      used(rate, now) + std::min(held_in(held_.load()), rate.count) * interval;
  return {.remaining = std::max<std::int64_t>(rate.burst().count() - taken, 0) / interval,
          .full_at = now + nanoseconds{taken}};
}

}  // namespace relay::core
