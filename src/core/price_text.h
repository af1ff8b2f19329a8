#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/price.h"

// Prices as text, member by member: what the price file, the admin API and the command line have in
// common. Rates are dollars, "0.125", per million tokens; web_search per thousand searches. Factors
// have at most four places.
//
//   models  input  output  cache_write_5m  cache_write_1h  cache_read  web_search
//   long_prompt.above  long_prompt.input  ...  fast  fast.input  ...  us  batch
//   valid_from  valid_to  source  checked_on
namespace relay::core {

struct PriceMember {
  std::string path;
  std::string text;

  friend bool operator==(const PriceMember&, const PriceMember&) = default;
};

// Sets one member of `row`; of models, adds one. If `text` cannot be read, says what was expected
// and leaves the row as it was. Requires: is_price_member(path).
[[nodiscard]] std::expected<void, std::string> set_price_member(PriceRow& row,
                                                                std::string_view path,
                                                                std::string_view text);

// Everything that is set, as set_price_member() takes it, in the order above. Not the origin.
[[nodiscard]] std::vector<PriceMember> price_members(const PriceRow& row);

[[nodiscard]] bool is_price_member(std::string_view path) noexcept;

// The names that may stand in a row (`below` is empty), in long_prompt or in fast.
[[nodiscard]] std::vector<std::string> price_member_names(std::string_view below);

// A time at which a price begins or ends: "2026-11-22", if it is midnight in UTC.
[[nodiscard]] std::string price_time_text(WallTime time);

// What a factor is multiplied by, as text: "1.1".
[[nodiscard]] std::string factor_text(Factor factor);

}  // namespace relay::core
