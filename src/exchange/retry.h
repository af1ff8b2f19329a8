#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

#include "base/clock.h"
#include "http/head.h"

namespace relay::exchange {

// What an answer's status and fields say about trying again.
struct RetryAdvice {
  bool is_wanted = false;
  bool is_elsewhere_only = false;  // Not where it came from: that would take too long.
  std::optional<std::chrono::milliseconds> after = {};  // The upstream's own word, if it gave one.
};

// 429, 500, 502, 503, 504 and 529 are worth another try; x-should-retry overrules the status of
// every error. A retry-after beyond limits::retry_after_obeyed_max is the client's to wait for,
// unless there is another upstream.
RetryAdvice retry_advice(const http::AnswerHead& head);

// retry-after-ms, else retry-after in whole seconds. Dates and nonsense are no advice.
std::optional<std::chrono::milliseconds> retry_after(const http::Fields& fields);

// How long to wait before the given retry (1, 2, ...): exponential, with full jitter, unless the
// upstream has said it.
std::chrono::milliseconds retry_delay(int retry, const RetryAdvice& advice, std::uint64_t random);

// Keeps retries from multiplying an upstream's trouble: in the long run one retry for every ten
// requests, and a few each second beside.
//
// Belongs to one loop; its share is one of `loops`.
class RetryBudget {
 public:
  RetryBudget(std::size_t loops, TimePoint now) noexcept;

  void note_request() noexcept;
  [[nodiscard]] bool take(TimePoint now) noexcept;

 private:
  double per_second_;
  double tokens_max_;
  double tokens_;
  TimePoint refilled_;
};

}  // namespace relay::exchange
