#pragma once

#include "core/rate.h"

namespace relay::core {

// Tokens by the minute. How many an exchange takes is known only when it has ended, so it is
// counted then; until then what is held for it stands in.
//
// What is more than a burst has to wait for a whole one, and what comes after it for what it took
// beyond, up to debt_bursts_max.
//
// Any thread; never waits.
class TokenRate {
 public:
  static constexpr std::int64_t debt_bursts_max = 10;

  // Zero: `tokens` are held. Otherwise nothing is, and that is how long until they can be, even if
  // all that is held by others will be used.
  [[nodiscard]] std::chrono::nanoseconds hold(const Rate& rate, std::int64_t tokens,
                                              TimePoint now) noexcept;
  void release(std::int64_t held) noexcept;

  // Counts what was used. Before what was held for it is released.
  void use(const Rate& rate, std::int64_t tokens, TimePoint now) noexcept;

  [[nodiscard]] RateState state(const Rate& rate, TimePoint now) const noexcept;

 private:
  [[nodiscard]] std::int64_t used(const Rate& rate, TimePoint now) const noexcept;

  // 48 bits of tokens, and 16 that differ after every change: who finds the word as it was knows
  // that nothing was used meanwhile.
  std::atomic<std::uint64_t> held_ = 0;
  std::atomic<std::int64_t> used_until_ = 0;  // Nanoseconds of TimePoint.
};

}  // namespace relay::core
