#include "core/price_change.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace relay::core {
namespace {

// What is left of a row of one model that is set anew from `from` on. None: nothing.
std::optional<PriceRow> until(PriceRow row, WallTime from) {
  if (row.valid_from && *row.valid_from >= from) return std::nullopt;
  if (!row.valid_to || *row.valid_to > from) row.valid_to = from;
  return row;
}

bool is_one_of(const std::string& model, const std::vector<std::string>& models) {
  return std::ranges::find(models, model) != models.end();
}

}  // namespace

std::vector<PriceRow> with_price(std::vector<PriceRow> rows, const PriceRow& price) {
  assert(price.valid_from);
  std::vector<PriceRow> changed;
  for (PriceRow& row : rows) {
    PriceRow ended = row;
    std::erase_if(row.models, [&](const std::string& m) { return is_one_of(m, price.models); });
    std::erase_if(ended.models, [&](const std::string& m) { return !is_one_of(m, price.models); });
    if (!row.models.empty()) changed.push_back(std::move(row));
    if (ended.models.empty()) continue;
    if (auto rest = until(std::move(ended), *price.valid_from)) {
      changed.push_back(*std::move(rest));
    }
  }
  changed.push_back(price);
  return changed;
}

}  // namespace relay::core
