#include "core/allowance.h"

#include <algorithm>
#include <limits>

namespace relay::core {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

std::optional<WallTime> time_of(std::int64_t ms) noexcept {
  if (ms == never) return std::nullopt;
  return WallTime{std::chrono::milliseconds{ms}};
}

bool has_any(const SpendingLimits& limits) noexcept {
  return std::ranges::any_of(every_window,
                             [&](Window window) { return limits[window].has_value(); });
}

}  // namespace

AllowanceTerms allowance_terms(const KeyTerms& key, const Tier* tier,
                               std::int64_t concurrency_default) {
  AllowanceTerms terms{.token_limits = key.token_limits,
                       .cost_limits = key.cost_limits,
                       .concurrency = key.concurrency.value_or(concurrency_default)};
  if (tier != nullptr) {
    const std::int64_t counting = tier->count_tokens_requests;
    terms.requests = {.count = tier->requests, .period = tier->period};
    terms.count_tokens = {.count = counting > 0 ? counting : tier->requests,
                          .period = tier->period};
    terms.tokens = {.count = tier->tokens_per_minute};
  }
  terms.counts_cost = has_any(key.cost_limits);
  terms.counts_tokens = has_any(key.token_limits) || terms.tokens.is_limited() || terms.counts_cost;
  return terms;
}

Allowance::Allowance(const Periods& now) noexcept : first_used_ms_{never}, last_used_ms_{never} {
  tokens_.begin(now);
  cost_.begin(now);
}

std::expected<Grant, Refusal> Allowance::take(const AllowanceTerms& terms, const Request& request,
                                              const Clock& clock) noexcept {
  using Limit = Refusal::Limit;
  const auto refused = [&](Refusal refusal) { return std::unexpected(refusal); };
  const Hold& hold = request.hold;
  Grant grant;  // Gives back what it has, if that is not all.

  const Rate& rate = request.is_count_tokens ? terms.count_tokens : terms.requests;
  const TimePoint now = rate.is_limited() || terms.tokens.is_limited() ? clock.now() : TimePoint{};
  if (rate.is_limited()) {
    const auto wait = permits(request.is_count_tokens).take(rate, now);
    const Limit limit = request.is_count_tokens ? Limit::count_tokens : Limit::requests;
    if (wait.count() > 0) return refused({.limit = limit, .wait = wait});
    grant.permit_ = rate.interval();
    grant.is_count_tokens_ = request.is_count_tokens;
  }
  grant.allowance_ = this;
  grant.clock_ = &clock;
  grant.input_estimate_ = hold.input_estimate;

  if (terms.concurrency == 0) {
    live_.add(1);
  } else if (!live_.take(1, terms.concurrency)) {
    return refused({.limit = Limit::concurrency});
  }
  grant.is_live_ = true;

  if (terms.tokens.is_limited() && hold.tokens > 0) {
    const auto wait = token_rate_.hold(terms.tokens, hold.tokens, now);
    if (wait.count() > 0) return refused({.limit = Limit::token_rate, .wait = wait});
    grant.token_rate_ = terms.tokens;
    grant.rate_hold_ = hold.tokens;
  }
  if (const auto window =
          tokens_.take(hold.tokens, terms.token_limits, request.periods, grant.tokens_)) {
    return refused({.limit = Limit::tokens, .window = *window, .wanted = hold.tokens});
  }
  if (const auto window = cost_.take(hold.cost, terms.cost_limits, request.periods, grant.cost_)) {
    return refused({.limit = Limit::cost, .window = *window, .wanted = hold.cost});
  }
  note_use(request.wall);
  return grant;
}

void Allowance::charge(const Periods& periods, TokenCount tokens, NanoUsd cost) noexcept {
  Taken nothing;
  static_cast<void>(tokens_.take(0, {}, periods, nothing));
  tokens_.settle(nothing, tokens);
  cost_.settle(nothing, cost);
}

void Allowance::load_use(std::optional<WallTime> first, std::optional<WallTime> last) noexcept {
  if (first) first_used_ms_ = first->time_since_epoch().count();
  if (last) last_used_ms_ = last->time_since_epoch().count();
}

std::optional<WallTime> Allowance::first_used() const noexcept {
  return time_of(first_used_ms_.load(std::memory_order_relaxed));
}

std::optional<WallTime> Allowance::last_used() const noexcept {
  return time_of(last_used_ms_.load(std::memory_order_relaxed));
}

void Allowance::note_use(WallTime at) noexcept {
  const std::int64_t ms = at.time_since_epoch().count();
  last_used_ms_.store(ms, std::memory_order_relaxed);
  std::int64_t first = first_used_ms_.load(std::memory_order_relaxed);
  if (first != never) return;
  first_used_ms_.compare_exchange_strong(first, ms, std::memory_order_relaxed);
}

void Grant::settle(const Usage& usage, NanoUsd cost) noexcept {
  if (allowance_ == nullptr) return;
  const TokenCount used = usage.total();
  allowance_->tokens_.settle(tokens_, used);
  allowance_->cost_.settle(cost_, cost);
  if (usage.output > 0) allowance_->outputs_.add(usage.output);
  release(used);
}

// As if nothing had been taken, permits among it.
void Grant::give_back() noexcept {
  allowance_->tokens_.settle(tokens_, 0);
  allowance_->cost_.settle(cost_, 0);
  if (permit_.count() > 0) allowance_->permits(is_count_tokens_).give_back(permit_);
  release(0);
}

void Grant::release(TokenCount used) noexcept {
  TokenRate& rate = allowance_->token_rate_;
  if (used > 0 && token_rate_.is_limited()) rate.use(token_rate_, used, clock_->now());
  if (rate_hold_ > 0) rate.release(rate_hold_);
  if (is_live_) allowance_->live_.add(-1);
  allowance_ = nullptr;
}

void Grant::swap(Grant& other) noexcept {
  std::swap(allowance_, other.allowance_);
  std::swap(clock_, other.clock_);
  std::swap(tokens_, other.tokens_);
  std::swap(cost_, other.cost_);
  std::swap(token_rate_, other.token_rate_);
  std::swap(rate_hold_, other.rate_hold_);
  std::swap(input_estimate_, other.input_estimate_);
  std::swap(permit_, other.permit_);
  std::swap(is_count_tokens_, other.is_count_tokens_);
  std::swap(is_live_, other.is_live_);
}

}  // namespace relay::core
