#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/metric_series.h"
#include "http/head.h"

namespace relay::exchange {

// Counts wrong credentials by where they come from, and asks whoever goes on guessing to wait. A
// valid credential is never asked to, whatever others at its address did: only failures come here.
//
// An IPv4 address or 64 bits of IPv6 are counted as one, by a hash of this process: no lock, no
// memory per address. Two of them may share a count, and so a wait.
//
// One for all loops. Thread-safe.
class CredentialFailures {
 public:
  // 0: nobody has to wait. `all` counts every attempt that failed, wherever it came from.
  CredentialFailures(std::uint32_t per_minute_max, Counter& all);

  // Counts one. Zero, or how long to wait: beyond so many within a minute of the first, to the end
  // of that minute.
  [[nodiscard]] std::chrono::seconds note(const Address& address, TimePoint now) noexcept;

  // What to answer to a request that was not authenticated because of `why`: that, or rate_limited.
  // Only what shows a credential counts as an attempt.
  [[nodiscard]] Error answer(const http::RequestHead& head, const Address& address, TimePoint now,
                             const Error& why);

 private:
  using Count = std::atomic<std::uint64_t>;  // When its minute began, in seconds, and how many.
  static constexpr std::size_t counts = 16'384;

  std::uint32_t per_minute_max_;
  Counter& all_;
  std::uint64_t seed_;
  std::array<Count, counts> failures_ = {};
};

}  // namespace relay::exchange
