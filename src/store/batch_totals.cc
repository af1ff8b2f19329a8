#include "store/batch_totals.h"

#include <algorithm>

namespace relay::store {

using core::Delivery;
using core::LedgerEntry;
using core::UsageSums;

Charge charge_of(const LedgerEntry& entry) noexcept {
  if (entry.delivery == Delivery::refused) return {};
  return {.usage = entry.usage, .cost = entry.cost, .is_unpriced = entry.is_unpriced};
}

LedgerEntry as_charged(LedgerEntry entry) noexcept {
  const Charge charge = charge_of(entry);
  entry.usage = charge.usage;
  entry.cost = charge.cost;
  entry.is_unpriced = charge.is_unpriced;
  return entry;
}

UsageSums sums_of(const LedgerEntry& entry) noexcept {
  const Charge charge = charge_of(entry);
  UsageSums sums{.usage = charge.usage, .cost = charge.cost};
  if (entry.delivery == Delivery::adjusted) {
    sums.usage.is_estimated = false;
    sums.unpriced = charge.is_unpriced ? -1 : 0;
    return sums;
  }
  sums.requests = 1;
  sums.refused = entry.delivery == Delivery::refused ? 1 : 0;
  sums.estimated = charge.usage.is_estimated ? 1 : 0;
  sums.unpriced = charge.is_unpriced ? 1 : 0;
  return sums;
}

void Balance::add(const LedgerEntry& entry) noexcept {
  Balance one{.sums = sums_of(entry), .first_used = {}, .last_used = {}};
  if (entry.delivery != Delivery::adjusted) one.first_used = one.last_used = entry.started;
  *this += one;
}

// An optional without a value is less than any other.
Balance& Balance::operator+=(const Balance& other) noexcept {
  sums += other.sums;
  if (!first_used || (other.first_used && other.first_used < first_used)) {
    first_used = other.first_used;
  }
  last_used = std::max(last_used, other.last_used);
  return *this;
}

void BatchTotals::add(const LedgerEntry& entry) {
  by_hour_[{start_of<Hour>(entry.started), entry.key, billed_model(entry), entry.delivery}].add(
      entry);
}

std::map<core::KeyId, Balance> BatchTotals::by_key() const {
  std::map<core::KeyId, Balance> sums;
  for (const auto& [place, balance] : by_hour_) sums[std::get<core::KeyId>(place)] += balance;
  return sums;
}

std::map<BatchTotals::Place, UsageSums> BatchTotals::by_day() const {
  std::map<Place, UsageSums> sums;
  for (const auto& [place, balance] : by_hour_) {
    const auto& [hour, key, model, delivery] = place;
    sums[{start_of<Day>(hour), key, model, delivery}] += balance.sums;
  }
  return sums;
}

std::map<BatchTotals::AllModelsPlace, UsageSums> BatchTotals::by_day_of_all_models() const {
  std::map<AllModelsPlace, UsageSums> sums;
  for (const auto& [place, balance] : by_hour_) {
    sums[{start_of<Day>(std::get<WallTime>(place)), std::get<core::KeyId>(place)}] += balance.sums;
  }
  return sums;
}

std::map<BatchTotals::AllKeysPlace, UsageSums> BatchTotals::by_hour_of_all_keys() const {
  std::map<AllKeysPlace, UsageSums> sums;
  for (const auto& [place, balance] : by_hour_) {
    const auto& [hour, key, model, delivery] = place;
    sums[{hour, model, delivery}] += balance.sums;
  }
  return sums;
}

}  // namespace relay::store
