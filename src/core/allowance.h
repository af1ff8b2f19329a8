#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "core/count.h"
#include "core/output_sizes.h"
#include "core/periods.h"
#include "core/rate.h"
#include "core/spending.h"
#include "core/terms.h"
#include "core/tier.h"
#include "core/token_rate.h"
#include "core/usage.h"

namespace relay::core {

// How much a key may use: its terms and its tier, in the form in which they are checked.
struct AllowanceTerms {
  TokenLimits token_limits;
  CostLimits cost_limits;
  std::int64_t concurrency = 0;  // 0: no limit. Of the next three too.
  Rate requests;
  Rate count_tokens;
  Rate tokens;
  bool counts_tokens = false;  // Something is limited that a hold of tokens is needed for,
  bool counts_cost = false;    // or of money.
};

// `tier`: null if the key has none. `concurrency_default`: of keys that do not say; 0 is no limit.
AllowanceTerms allowance_terms(const KeyTerms& key, const Tier* tier,
                               std::int64_t concurrency_default);

// What is set aside for an exchange before it is known what it costs. Zero is free: it is let
// through whatever is used up.
struct Hold {
  TokenCount tokens = 0;
  NanoUsd cost = 0;
  TokenCount input_estimate = 0;  // What it was made from, to be compared with what is reported.
};

// Why an exchange was not granted.
struct Refusal {
  enum class Limit : std::uint8_t { requests, count_tokens, concurrency, token_rate, tokens, cost };
  Limit limit = Limit::requests;
  Window window = Window::total;     // Of tokens and cost.
  std::int64_t wanted = 0;           // Of tokens and cost: the hold.
  std::chrono::nanoseconds wait{0};  // Of rates: until it could be granted.
};

class Grant;

// What a key has used and what it holds, for all loops. One for each key, at an address that is
// stable for the life of the process; never freed.
//
// Only atomics: nobody waits for anybody.
class Allowance {
 public:
  // The key is new, or load() follows. `now`: the periods of that moment.
  explicit Allowance(const Periods& now) noexcept;
  Allowance(const Allowance&) = delete;
  Allowance& operator=(const Allowance&) = delete;

  // What an exchange asks for.
  struct Request {
    Hold hold;
    bool is_count_tokens = false;  // Has a rate of its own.
    Periods periods;               // Of `wall`.
    WallTime wall{};
  };

  // Takes all that an exchange needs or nothing of it. What refuses most often and matters least
  // comes first, so that hardly anything is ever taken and given back.
  [[nodiscard]] std::expected<Grant, Refusal> take(const AllowanceTerms& terms,
                                                   const Request& request,
                                                   const Clock& clock) noexcept;

  // Charges what was used without a hold, in the periods in which it began.
  void charge(const Periods& periods, TokenCount tokens, NanoUsd cost) noexcept;

  // Charges so much more for what began in `began` and was charged already; or less.
  void correct_cost(const Periods& began, const Periods& now, NanoUsd by) noexcept {
    cost_.correct(began, now, by);
  }

  // Charges what began in `began`, in the windows that hold it still.
  void charge_late(const Periods& began, const Periods& now, TokenCount tokens,
                   NanoUsd cost) noexcept {
    tokens_.correct(began, now, tokens);
    cost_.correct(began, now, cost);
  }

  [[nodiscard]] TokenCount output_p95() const noexcept { return outputs_.p95(); }
  [[nodiscard]] std::int64_t live() const noexcept { return live_.taken(); }
  [[nodiscard]] std::optional<WallTime> first_used() const noexcept;
  [[nodiscard]] std::optional<WallTime> last_used() const noexcept;

  // Before other threads see it: what the ledger says.
  [[nodiscard]] Spending& tokens() noexcept { return tokens_; }
  [[nodiscard]] Spending& cost() noexcept { return cost_; }
  void load_use(std::optional<WallTime> first, std::optional<WallTime> last) noexcept;

  [[nodiscard]] const Spending& tokens() const noexcept { return tokens_; }
  [[nodiscard]] const Spending& cost() const noexcept { return cost_; }
  [[nodiscard]] const RatePermits& requests() const noexcept { return requests_; }
  [[nodiscard]] const RatePermits& count_tokens() const noexcept { return count_tokens_; }
  [[nodiscard]] const TokenRate& token_rate() const noexcept { return token_rate_; }

 private:
  friend class Grant;

  void note_use(WallTime at) noexcept;
  RatePermits& permits(bool is_count_tokens) noexcept {
    return is_count_tokens ? count_tokens_ : requests_;
  }

  Count live_;
  RatePermits requests_;
  RatePermits count_tokens_;
  TokenRate token_rate_;
  std::atomic<std::int64_t> first_used_ms_;
  std::atomic<std::int64_t> last_used_ms_;
  Spending tokens_;
  Spending cost_;
  OutputSizes outputs_;
};

// What one exchange has of its key's allowance. Gives it back once, whatever happens: charged by
// settle(), or untouched where that was never reached.
class [[nodiscard]] Grant {
 public:
  Grant() = default;  // Of nothing.
  Grant(Grant&& other) noexcept { swap(other); }
  Grant& operator=(Grant&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Grant() {
    if (allowance_ != nullptr) give_back();
  }

  // Charges what the exchange used in place of what was held. What was permitted stays used.
  void settle(const Usage& usage, NanoUsd cost) noexcept;

  [[nodiscard]] TokenCount input_estimate() const noexcept { return input_estimate_; }

 private:
  friend class Allowance;

  void give_back() noexcept;
  void release(TokenCount used) noexcept;
  void swap(Grant& other) noexcept;

  Allowance* allowance_ = nullptr;  // Null: there is nothing to give back.
  const Clock* clock_ = nullptr;
  Taken tokens_;
  Taken cost_;
  Rate token_rate_;
  TokenCount rate_hold_ = 0;
  TokenCount input_estimate_ = 0;
  std::chrono::nanoseconds permit_{0};  // The interval of the rate that a permit was taken of.
  bool is_count_tokens_ = false;
  bool is_live_ = false;
};

}  // namespace relay::core
