#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/time_zone.h"
#include "core/allowance.h"
#include "core/terms.h"

// Where a key stands with all that it is allowed, for people: what /api/usage/quota says.
namespace relay::core {

// One window of tokens or nano-dollars.
struct WindowView {
  std::optional<std::int64_t> limit;  // None: no limit. Nothing is held then.
  std::int64_t used = 0;
  std::int64_t held = 0;  // By exchanges that are running.

  // When this window is empty again, if nothing more is used: its end, or for five_hours the time
  // at which the last of it leaves. None: five_hours with nothing in it, where there is nothing to
  // wait for, and total, which never is.
  std::optional<WallTime> reset;

  [[nodiscard]] std::int64_t remaining() const noexcept {
    return limit ? std::max<std::int64_t>(*limit - used - held, 0) : 0;
  }
};

struct RateView {
  Rate rate;  // Without a limit: nothing else is meant.
  std::int64_t remaining = 0;
  WallTime reset{};  // When all of it can be used again.
};

struct AllowanceView {
  PerWindow<WindowView> tokens;
  PerWindow<WindowView> cost;
  RateView requests;
  RateView count_tokens;
  RateView tokens_per_minute;
  std::int64_t concurrency = 0;  // 0: no limit.
  std::int64_t live = 0;         // Exchanges that are running.
};

// Any thread.
AllowanceView view_of(const Allowance& allowance, const AllowanceTerms& terms, const TimeZone& zone,
                      const Clock& clock);

// One window of it.
WindowView view_of(const Spending& spending, const SpendingLimits& limits, Window window,
                   const TimeZone& zone, WallTime now);

// The largest part of a limit of tokens that is used, in whatever window: 1 is all of it. None: no
// tokens are limited.
std::optional<double> token_quota_ratio(const Allowance& allowance, const AllowanceTerms& terms,
                                        const Periods& now);

}  // namespace relay::core
