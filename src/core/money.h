#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::core {

// Money, in billionths of a US dollar. The cheapest token costs a whole number of them, sums are
// exact, and nine billion dollars fit. Never a floating-point number.
using NanoUsd = std::int64_t;
inline constexpr NanoUsd nano_usd_per_usd = 1'000'000'000;

// As people write it: "0.10", "12", "-3.000000001". At most nine places, a digit on both sides of
// the point, no exponent, no separators. None: it is not so, or does not fit.
[[nodiscard]] std::optional<NanoUsd> parse_usd(std::string_view text) noexcept;

// All of it and no more: "0.1", "12", "-3.000000001". parse_usd() gives back the same amount.
[[nodiscard]] std::string to_usd(NanoUsd amount);

}  // namespace relay::core
