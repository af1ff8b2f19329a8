#pragma once

#include <vector>

#include "core/price.h"

namespace relay::core {

// `rows`, of one origin, after `price` was set: for its models it holds from its valid_from on and
// prevails over what they had from then on. What they had before stays. Requires: price.valid_from.
[[nodiscard]] std::vector<PriceRow> with_price(std::vector<PriceRow> rows, const PriceRow& price);

}  // namespace relay::core
