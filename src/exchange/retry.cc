#include "exchange/retry.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace relay::exchange {
namespace {

using std::chrono::milliseconds;

constexpr double burst = 20;  // Retries in a row that a quiet relay may make.

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  if (!is_whole || value < 0 || value > 1'000'000'000) return std::nullopt;
  return value;
}

bool is_error(int status) noexcept {
  return status >= 400;
}

bool is_worth_another_try(int status) noexcept {
  switch (status) {
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
    case 529: return true;
    default: return false;
  }
}

}  // namespace

std::optional<milliseconds> retry_after(const http::Fields& fields) {
  if (const auto field = fields.find("retry-after-ms")) {
    if (const auto ms = whole_number(*field)) return milliseconds{*ms};
  }
  if (const auto field = fields.find("retry-after")) {
    if (const auto seconds = whole_number(*field)) return std::chrono::seconds{*seconds};
  }
  return std::nullopt;
}

RetryAdvice retry_advice(const http::AnswerHead& head) {
  RetryAdvice advice{.is_wanted = is_worth_another_try(head.status),
                     .after = retry_after(head.fields)};
  if (const auto field = head.fields.find("x-should-retry")) {
    if (*field == "true") advice.is_wanted = is_error(head.status);
    if (*field == "false") advice.is_wanted = false;
  }
  advice.is_elsewhere_only = advice.after && *advice.after > limits::retry_after_obeyed_max;
  return advice;
}

milliseconds retry_delay(int retry, const RetryAdvice& advice, std::uint64_t random) {
  if (advice.after) return *advice.after;
  const int doublings = std::min(retry - 1, 10);
  const milliseconds ceiling =
      std::min<milliseconds>(limits::retry_delay_max, limits::retry_delay_first * (1 << doublings));
  return milliseconds{
      static_cast<std::int64_t>(random % static_cast<std::uint64_t>(ceiling.count() + 1))};
}

RetryBudget::RetryBudget(std::size_t loops, TimePoint now) noexcept
    : per_second_{limits::retry_budget_per_second / static_cast<double>(loops)},
      tokens_max_{burst},
      tokens_{burst},
      refilled_{now} {
}

void RetryBudget::note_request() noexcept {
  tokens_ = std::min(tokens_max_, tokens_ + limits::retry_budget_ratio);
}

bool RetryBudget::take(TimePoint now) noexcept {
  const std::chrono::duration<double> passed = now - refilled_;
  refilled_ = now;
  tokens_ = std::min(tokens_max_, tokens_ + passed.count() * per_second_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace relay::exchange
