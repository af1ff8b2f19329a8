#pragma once

#include <cstdint>
#include <ctime>

namespace relay::bench {

// Nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share: what the mock upstream
// writes into an event can be subtracted from when the load client reads it.
using Nanos = std::int64_t;

inline constexpr Nanos nanos_per_second = 1'000'000'000;

inline Nanos monotonic_now() noexcept {
  timespec time = {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * nanos_per_second + time.tv_nsec;
}

}  // namespace relay::bench
