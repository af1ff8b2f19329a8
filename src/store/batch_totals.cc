#include "store/batch_totals.h"

#include <algorithm>

namespace relay::store {

using core::Delivery;
using core::LedgerEntry;
using core::UsageSums;

LedgerEntry as_charged(LedgerEntry entry) noexcept {
  if (entry.delivery != Delivery::refused) return entry;
  entry.usage = {};
  entry.cost = 0;
  entry.is_unpriced = false;
  return entry;
}

UsageSums sums_of(const LedgerEntry& charged) noexcept {
  UsageSums sums{.usage = charged.usage, .cost = charged.cost};
  if (charged.delivery == Delivery::adjusted) {
    sums.usage.is_estimated = false;
    sums.unpriced = charged.is_unpriced ? -1 : 0;
    return sums;
  }
  sums.requests = 1;
  sums.refused = charged.delivery == Delivery::refused ? 1 : 0;
  sums.estimated = charged.usage.is_estimated ? 1 : 0;
  sums.unpriced = charged.is_unpriced ? 1 : 0;
  return sums;
}

void Balance::add(const LedgerEntry& charged) noexcept {
  sums += sums_of(charged);
  if (charged.delivery == Delivery::adjusted) return;
  first_used = std::min(first_used.value_or(charged.started), charged.started);
  last_used = std::max(last_used.value_or(charged.started), charged.started);
}

void BatchTotals::add(const LedgerEntry& entry) {
  const LedgerEntry charged = as_charged(entry);
  const UsageSums sums = sums_of(charged);
  const WallTime hour = start_of<Hour>(entry.started);
  const WallTime day = start_of<Day>(entry.started);
  const std::string_view model = billed_model(entry);
  by_key[entry.key].add(charged);
  by_hour[{hour, entry.key, model, entry.delivery}] += sums;
  by_day[{day, entry.key, model, entry.delivery}] += sums;
  by_day_of_all_models[{day, entry.key}] += sums;
  by_hour_of_all_keys[{hour, model, entry.delivery}] += sums;
}

}  // namespace relay::store
