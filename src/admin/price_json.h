#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/price.h"

namespace relay::admin {

// Rows of prices as the API shows them, an array of objects with the members of core/price_text.h;
// long_prompt and rates for fast mode are objects themselves. Dollars and factors are exact decimal
// numbers. Also shown: `origin`, and `version`, as the ledger names it.
std::string prices_json(std::span<const core::PriceRow> rows);

std::string price_json(const core::PriceRow& row);

// The other way round. `rows` comes from parse_json(), which keeps numbers as they were written;
// text is taken for them too. A row without an origin is `stored`; `version` is passed over. The
// rows are sound one by one; together they are once core::PriceTable takes them. invalid_request:
// names the row and the member.
Result<std::vector<core::PriceRow>> parse_prices(const nlohmann::json& rows);
Result<core::PriceRow> parse_price(const nlohmann::json& row);

// The setting that holds the rows of the API, as prices_json() has them.
inline constexpr std::string_view prices_setting = "prices";
Result<std::vector<core::PriceRow>> parse_stored_prices(std::string_view text);

}  // namespace relay::admin
