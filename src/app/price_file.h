#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config_draft.h"
#include "core/price.h"

namespace relay::app {

// Rows of prices, and where each of them is written: "prices.yaml:14:5".
struct PriceRows {
  std::vector<core::PriceRow> rows;
  std::vector<std::string> places;
};

// Reads a file in the form of src/app/prices.yaml and adds its rows to `all`. `file` is its name,
// for places. Everything that is not a price, is missing, is there twice or cannot be read is a
// problem with its file:line:column; a row with a problem is left out.
void read_price_file(const std::string& file, const std::string& text, core::PriceOrigin origin,
                     PriceRows& all, Problems& problems);

// The text of src/app/prices.yaml, as it was when the relay was built.
[[nodiscard]] std::string_view embedded_prices() noexcept;

// All prices that `config` speaks of: the embedded ones, and those of config.prices.file. Put into
// config.prices.rows once they are sound together.
void load_prices(Config& config, Problems& problems);

}  // namespace relay::app
