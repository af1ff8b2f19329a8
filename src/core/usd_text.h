#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/money.h"

namespace relay::core {

// Dollars as people and JSON write them, exact to the nano-dollar and never through a
// floating-point number: "12.5", "0.000000001", "1e-7". None: not a JSON number of at most 64
// characters, more than nine decimals, more than NanoUsd holds.
std::optional<NanoUsd> parse_usd(std::string_view text);

// The shortest decimal form, which parse_usd() reads as the same sum: "12.5", "0.000000001", "-3".
std::string usd_text(NanoUsd sum);

}  // namespace relay::core
