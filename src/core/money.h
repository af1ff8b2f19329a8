#pragma once

#include <cstdint>

namespace relay::core {

// Money, in billionths of a US dollar. The cheapest token costs a whole number of them, sums are
// exact, and nine billion dollars fit. Never a floating-point number.
using NanoUsd = std::int64_t;
inline constexpr NanoUsd nano_usd_per_usd = 1'000'000'000;

}  // namespace relay::core
