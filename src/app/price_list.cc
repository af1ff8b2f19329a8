#include "app/price_list.h"

#include <fmt/format.h>

#include "base/json_text.h"
#include "core/price_text.h"
#include "core/usd_text.h"
#include "core/words.h"

namespace relay::app {
namespace {

using core::PriceRow;
using core::usd_text;

std::string shown(std::string_view text) {
  std::string escaped;
  append_json_escaped(escaped, text.empty() ? "-" : text);
  return escaped;
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string time_or_dash(const std::optional<WallTime>& time) {
  return time ? core::price_time_text(*time) : "-";
}

std::string short_text(const core::TokenRates& rates) {
  return usd_text(rates.input) + "/" + usd_text(rates.output);
}

// What a row has besides its five rates.
std::string extras(const PriceRow& row) {
  std::vector<std::string> parts;
  if (row.long_prompt) {
    parts.push_back(
        fmt::format("above {}: {}", row.long_prompt->above, short_text(row.long_prompt->rates)));
  }
  if (row.fast) parts.push_back("fast x" + core::factor_text(*row.fast));
  if (row.fast_rates) parts.push_back("fast " + short_text(*row.fast_rates));
  if (row.us) parts.push_back("us x" + core::factor_text(*row.us));
  if (row.batch) parts.push_back("batch x" + core::factor_text(*row.batch));
  if (row.web_search) parts.push_back("search " + usd_text(*row.web_search));
  return joined(parts);
}

}  // namespace

std::string price_list(std::span<const PriceRow> rows) {
  constexpr std::string_view line =
      "{:<36}  {:<10}  {:<10}  {:>6}  {:>6}  {:>8}  {:>8}  {:>6}  {:<8}  {:<10}  {}\n";
  std::string text = fmt::format(line, "MODELS", "FROM", "TO", "INPUT", "OUTPUT", "WRITE 5M",
                                 "WRITE 1H", "READ", "ORIGIN", "CHECKED", "ALSO");
  for (const PriceRow& row : rows) {
    const core::TokenRates& rates = row.rates;
    text += fmt::format(line, shown(joined(row.models)), time_or_dash(row.valid_from),
                        time_or_dash(row.valid_to), usd_text(rates.input), usd_text(rates.output),
                        usd_text(rates.cache_write_5m), usd_text(rates.cache_write_1h),
                        usd_text(rates.cache_read), core::to_string(row.origin),
                        shown(row.checked_on), extras(row));
    if (!row.source.empty()) text += fmt::format("  {}\n", shown(row.source));
  }
  return text;
}

}  // namespace relay::app
