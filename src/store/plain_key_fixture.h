#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>

#include "core/allowance.h"
#include "core/periods.h"
#include "core/price_table.h"
#include "core/spending.h"

namespace relay::store {

inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Where a test has a choice. The same seed gives the same choices everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{seed} {}
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

 private:
  std::mt19937_64 random_;
};

struct Sums {
  std::int64_t tokens = 0;
  std::int64_t cost = 0;
};

// A price of 3 and 7 nano-dollars for a token of input and of output. Never freed: a crash leaves
// reservations behind that refer to it.
inline std::shared_ptr<const core::PriceTable> plain_prices() {
  static const std::shared_ptr<const core::PriceTable> table =
      core::PriceTable::make({{.models = {"m"},
                               .rates = {.input = 3'000'000,
                                         .output = 7'000'000,
                                         .cache_write_5m = 0,
                                         .cache_write_1h = 0,
                                         .cache_read = 0}}})
          .value();
  return {std::shared_ptr<const core::PriceTable>{}, table.get()};
}
inline Sums plain_charge(const core::Usage& usage) {
  return {usage.total(), 3 * usage.input + 7 * usage.output};
}

// What the allowance of a key is to say, by a plain reading of all its exchanges: what was charged
// by the quarter of an hour in which it began, and what is running.
class PlainKey {
 public:
  // With the terms by which it was admitted: what is not limited is not held.
  struct Running {
    WallTime began;
    core::Hold hold;
    core::KeyTerms terms;
  };
  using Ticket = std::list<Running>::iterator;

  core::KeyTerms terms;

  [[nodiscard]] std::size_t running() const { return running_.size(); }
  Ticket begin(WallTime at, const core::Hold& hold) {
    return running_.insert(running_.end(), {at, hold, terms});
  }
  void end(Ticket ticket, const Sums& charged) {
    charge(ticket->began, charged);
    running_.erase(ticket);
  }
  void charge(WallTime began, const Sums& charged) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(began);
    Sums& sums = charged_[minute - minute.time_since_epoch() % core::quarter_length];
    sums.tokens += charged.tokens;
    sums.cost += charged.cost;
  }

  // From now on that is too old for every window but total.
  void forget(WallTime until) {
    while (!charged_.empty() && charged_.begin()->first < until) {
      before_.tokens += charged_.begin()->second.tokens;
      before_.cost += charged_.begin()->second.cost;
      charged_.erase(charged_.begin());
    }
  }

  // Where a window stands, in tokens or in cost.
  [[nodiscard]] core::WindowState state(core::Window window, const TimeZone& zone, WallTime now,
                                        bool is_cost) const {
    const auto from = core::window_start(zone, window, now);
    const Sums used = from ? since(*from) : total();
    core::WindowState state{.used = is_cost ? used.cost : used.tokens};
    for (const Running& each : running_) {
      const auto& limits = is_cost ? each.terms.cost_limits : each.terms.token_limits;
      if (!limits[window] || (from && each.began < *from)) continue;
      state.held += is_cost ? each.hold.cost : each.hold.tokens;
    }
    return state;
  }

  [[nodiscard]] bool fits(const core::Hold& hold, const TimeZone& zone, WallTime now) const {
    if (terms.concurrency && std::ssize(running_) >= *terms.concurrency) return false;
    for (const bool is_cost : {false, true}) {
      const std::int64_t wanted = is_cost ? hold.cost : hold.tokens;
      const auto& limits = is_cost ? terms.cost_limits : terms.token_limits;
      for (const core::Window window : core::every_window) {
        if (wanted == 0 || !limits[window]) continue;
        const core::WindowState at = state(window, zone, now, is_cost);
        if (at.used + at.held + wanted > *limits[window]) return false;
      }
    }
    return true;
  }

  // To something near what is used, so that it matters; or to anything; or to none.
  void change_a_limit(Dice& dice, const TimeZone& zone, WallTime now) {
    const core::Window window = core::every_window[dice.below(core::every_window.size())];
    const bool is_cost = dice.below(2) == 0;
    std::optional<std::int64_t>& limit = (is_cost ? terms.cost_limits : terms.token_limits)[window];
    limit.reset();
    if (dice.below(4) != 0) limit = static_cast<std::int64_t>(dice.below(20'000));
    if (limit && dice.below(4) != 0) *limit += state(window, zone, now, is_cost).used;
    terms.concurrency.reset();
    if (dice.below(3) == 0) terms.concurrency = static_cast<std::int64_t>(1 + dice.below(8));
  }

 private:
  [[nodiscard]] Sums since(WallTime from) const {
    Sums sums;
    for (auto at = charged_.lower_bound(from); at != charged_.end(); ++at) {
      sums.tokens += at->second.tokens;
      sums.cost += at->second.cost;
    }
    return sums;
  }
  [[nodiscard]] Sums total() const {
    Sums sums = since(WallTime::min());
    sums.tokens += before_.tokens;
    sums.cost += before_.cost;
    return sums;
  }

  std::list<Running> running_;
  std::map<WallTime, Sums> charged_;
  Sums before_;
};

}  // namespace relay::store
