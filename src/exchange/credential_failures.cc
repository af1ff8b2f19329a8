#include "exchange/credential_failures.h"

#include <random>

#include "base/mix.h"

namespace relay::exchange {
namespace {

using std::chrono::seconds;

constexpr std::int64_t window = 60;

struct Minute {
  std::int64_t began = 0;
  std::uint32_t failures = 0;
};

constexpr Minute unpacked(std::uint64_t count) noexcept {
  return {static_cast<std::int64_t>(count >> 32), static_cast<std::uint32_t>(count)};
}

constexpr std::uint64_t packed(Minute minute) noexcept {
  return (static_cast<std::uint64_t>(minute.began) << 32) | minute.failures;
}

bool shows_credential(const http::RequestHead& head) noexcept {
  return head.fields.find("x-api-key") || head.fields.find("authorization");
}

Error too_many(seconds wait) {
  return {.code = ErrorCode::rate_limited,
          .origin = Origin::client,
          .message = "Too many wrong API keys came from your address. Wait " +
                     std::to_string(wait.count()) + " s, and check the key.",
          .detail = "too many failures",
          .retry_after = wait,
          .reason = "bad_key"};
}

}  // namespace

CredentialFailures::CredentialFailures(std::uint32_t per_minute_max, Counter& all)
    : per_minute_max_{per_minute_max}, all_{all} {
  std::random_device random;
  seed_ = (std::uint64_t{random()} << 32) | random();
}

seconds CredentialFailures::note(const Address& address, TimePoint now) noexcept {
  if (per_minute_max_ == 0) return {};
  const std::int64_t at = std::chrono::floor<seconds>(now.time_since_epoch()).count();
  Count& count = failures_[mix(mix(network_of(address)) ^ seed_) % counts];
  std::uint64_t seen = count.load(std::memory_order_relaxed);
  for (;;) {
    Minute minute = unpacked(seen);
    if (minute.failures == 0 || at - minute.began >= window) minute = {.began = at};
    if (minute.failures >= per_minute_max_) return seconds{minute.began + window - at};
    ++minute.failures;
    if (count.compare_exchange_weak(seen, packed(minute), std::memory_order_relaxed)) return {};
  }
}

Error CredentialFailures::answer(const http::RequestHead& head, const Address& address,
                                 TimePoint now, const Error& why) {
  if (why.code != ErrorCode::unauthenticated || !shows_credential(head)) return why;
  all_.add();
  const seconds wait = note(address, now);
  return wait.count() > 0 ? too_many(wait) : why;
}

}  // namespace relay::exchange
