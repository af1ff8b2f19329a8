#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/price.h"

namespace relay::admin {

// A row of prices as the API shows it: the members of core/price_text.h, with long_prompt and rates
// for fast mode as objects. Dollars and factors are text, "0.125", because a JSON number would lose
// places on its way. Also shown: the row's `version`, as the ledger names it, and its `origin`.
nlohmann::json price_json(const core::PriceRow& row);

// The other way round, from an array of rows; `origin` and `version`, if they are there, are passed
// over. Numbers may be whole ones where text is expected. The rows are sound one by one; together
// they are once core::PriceTable takes them. invalid_request: names the row and the member.
Result<std::vector<core::PriceRow>> parse_price_rows(const nlohmann::json& rows,
                                                     core::PriceOrigin origin);

// The same, of the text under which the store keeps them.
Result<std::vector<core::PriceRow>> parse_stored_prices(std::string_view text);

// The setting that holds the rows of the admin API: an array.
inline constexpr std::string_view prices_setting = "prices";

}  // namespace relay::admin
