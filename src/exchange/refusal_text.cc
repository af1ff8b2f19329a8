#include "exchange/refusal_text.h"

#include <algorithm>
#include <string>

#include "base/limits.h"
#include "base/rfc3339.h"
#include "core/allowance_view.h"
#include "core/usd_text.h"

namespace relay::exchange {
namespace {

using core::Refusal;
using core::Window;
using std::chrono::ceil;
using std::chrono::seconds;

std::string seconds_text(std::chrono::nanoseconds time) {
  return std::to_string(ceil<seconds>(time).count()) + " s";
}

std::string per(const core::Rate& rate, std::string_view what) {
  return std::to_string(rate.count) + ' ' + std::string{what} + " in " + seconds_text(rate.period);
}

Error too_fast(const core::Rate& rate, std::string_view what, const Refusal& refusal) {
  return {.code = ErrorCode::rate_limited,
          .origin = Origin::client,
          .message = "This API key may have " + per(rate, what) + ". Try again in " +
                     seconds_text(refusal.wait) + ".",
          .detail = "denied: rate",
          .retry_after = ceil<seconds>(refusal.wait),
          .reason = "rate"};
}

Error too_many_at_once(std::int64_t concurrency) {
  return {.code = ErrorCode::rate_limited,
          .origin = Origin::client,
          .message = "This API key may have " + std::to_string(concurrency) +
                     " requests running at once, and it has. Try again when one of them has ended.",
          .detail = "denied: concurrency",
          .retry_after = limits::retry_after_least,
          .reason = "concurrency"};
}

std::string_view window_text(Window window) {
  switch (window) {
    case Window::total: return "in all";
    case Window::five_hours: return "in 5 hours";
    case Window::day: return "a day";
    case Window::week: return "a week";
    case Window::month: return "a month";
  }
  return "";
}

// An amount of what is limited: "1200 tokens", "$0.15".
struct Amount {
  bool is_cost;
  std::string operator()(std::int64_t amount) const {
    return is_cost ? '$' + core::usd_text(amount) : std::to_string(amount) + " tokens";
  }
};

struct Standing {
  const Refusal& refusal;
  const core::Spending& spending;
  core::WindowView window;
  WallTime now;

  [[nodiscard]] std::int64_t limit() const { return window.limit.value_or(0); }
  [[nodiscard]] bool is_too_large() const { return refusal.wanted > limit(); }
  // It would fit, if other exchanges of the key were over and had used nothing.
  [[nodiscard]] bool waits_for_others() const { return window.used + refusal.wanted <= limit(); }
};

std::string what_to_do(const Standing& at, const TimeZone& zone) {
  if (at.is_too_large()) {
    return "That is more than the limit itself. Ask for less, or ask whoever gave you the key for "
           "a higher limit.";
  }
  if (at.waits_for_others()) return "Try again when they have ended.";
  const std::string or_ask = ", or ask whoever gave you the key for a higher limit.";
  if (at.refusal.window == Window::five_hours) {
    const core::PeriodNumber quarter = core::quarter_of(at.now);
    const WallTime when =
        core::start_of_quarter(at.spending.when_down_to(at.limit() - at.refusal.wanted, quarter));
    return "There will be enough at " + to_rfc3339(when) + or_ask;
  }
  const auto reset = core::window_end(zone, at.refusal.window, at.now);
  if (reset) return "It begins anew at " + to_rfc3339(*reset) + or_ask;
  return "It does not begin anew. Ask for less" + or_ask;
}

Error used_up(const Standing& at, bool is_cost, const TimeZone& zone) {
  const Amount text{is_cost};
  std::string message = "This API key may use " + text(at.limit()) + ' ' +
                        std::string{window_text(at.refusal.window)} + " and has used " +
                        text(at.window.used);
  if (at.window.held > 0) {
    message += "; requests that are still running hold " + text(at.window.held);
  }
  message += ". This request needs up to " + text(at.refusal.wanted) + ". ";
  message += what_to_do(at, zone);
  const bool is_soon = !at.is_too_large() && at.waits_for_others();
  return {.code = ErrorCode::limit_exhausted,
          .origin = Origin::client,
          .message = std::move(message),
          .detail = std::string{"denied: "} + (is_cost ? "cost " : "quota ") +
                    std::string{to_string(at.refusal.window)},
          .retry_after = is_soon ? limits::held_retry_after : seconds{0},
          .reason = is_cost ? "cost" : "quota"};
}

}  // namespace

Error error_of(const Refusal& refusal, const KeyEntry& key, const TimeZone& zone, WallTime now) {
  const core::AllowanceTerms& allowed = key.allowed;
  switch (refusal.limit) {
    case Refusal::Limit::requests: return too_fast(allowed.requests, "requests", refusal);
    case Refusal::Limit::count_tokens:
      return too_fast(allowed.count_tokens, "requests to count tokens", refusal);
    case Refusal::Limit::token_rate: return too_fast(allowed.tokens, "tokens", refusal);
    case Refusal::Limit::concurrency: return too_many_at_once(allowed.concurrency);
    case Refusal::Limit::tokens:
    case Refusal::Limit::cost: break;
  }
  const bool is_cost = refusal.limit == Refusal::Limit::cost;
  const core::Spending& spending = is_cost ? key.allowance->cost() : key.allowance->tokens();
  const auto& limits = is_cost ? allowed.cost_limits : allowed.token_limits;
  return used_up({.refusal = refusal,
                  .spending = spending,
                  .window = core::view_of(spending, limits, refusal.window, zone, now),
                  .now = now},
                 is_cost, zone);
}

}  // namespace relay::exchange
