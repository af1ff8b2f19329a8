#include "core/allowance_view.h"

#include <algorithm>

namespace relay::core {
namespace {

template <typename Permits>
RateView view_of_rate(const Permits& permits, const Rate& rate, const Clock& clock) {
  if (!rate.is_limited()) return {};
  const TimePoint now = clock.now();
  const RateState state = permits.state(rate, now);
  const auto until_full = std::chrono::ceil<std::chrono::milliseconds>(state.full_at - now);
  return {.rate = rate, .remaining = state.remaining, .reset = clock.wall() + until_full};
}

std::optional<WallTime> reset_of(const Spending& spending, Window window, const TimeZone& zone,
                                 WallTime now) {
  if (window != Window::five_hours) return window_end(zone, window, now);
  const PeriodNumber quarter = quarter_of(now);
  const PeriodNumber empty = spending.when_down_to(0, quarter);
  return empty == quarter ? std::nullopt : std::optional{start_of_quarter(empty)};
}

}  // namespace

WindowView view_of(const Spending& spending, const SpendingLimits& limits, Window window,
                   const TimeZone& zone, WallTime now) {
  const WindowState state = spending.state(window, periods_at(zone, now));
  return {.limit = limits[window],
          .used = state.used,
          .held = state.held,
          .reset = reset_of(spending, window, zone, now)};
}

AllowanceView view_of(const Allowance& allowance, const AllowanceTerms& terms, const TimeZone& zone,
                      const Clock& clock) {
  AllowanceView view{
      .requests = view_of_rate(allowance.requests(), terms.requests, clock),
      .count_tokens = view_of_rate(allowance.count_tokens(), terms.count_tokens, clock),
      .tokens_per_minute = view_of_rate(allowance.token_rate(), terms.tokens, clock),
      .concurrency = terms.concurrency,
      .live = allowance.live()};
  const WallTime now = clock.wall();
  for (const Window window : every_window) {
    view.tokens[window] = view_of(allowance.tokens(), terms.token_limits, window, zone, now);
    view.cost[window] = view_of(allowance.cost(), terms.cost_limits, window, zone, now);
  }
  return view;
}

std::optional<double> token_quota_ratio(const Allowance& allowance, const AllowanceTerms& terms,
                                        const Periods& now) {
  std::optional<double> ratio;
  for (const Window window : every_window) {
    const std::optional<TokenCount>& limit = terms.token_limits[window];
    if (!limit) continue;
    const auto used = static_cast<double>(allowance.tokens().state(window, now).used);
    const double part = *limit > 0 ? used / static_cast<double>(*limit) : 1.0;
    ratio = std::max(ratio.value_or(0.0), part);
  }
  return ratio;
}

}  // namespace relay::core
