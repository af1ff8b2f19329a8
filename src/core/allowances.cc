#include "core/allowances.h"

namespace relay::core {

Allowance* Allowances::find(KeyId key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second.get();
}

Allowance& Allowances::of(KeyId key, WallTime now) {
  std::unique_ptr<Allowance>& allowance = by_key_[key];
  if (allowance == nullptr) {
    allowance = std::make_unique<Allowance>(periods_at(zone_, now));
  }
  return *allowance;
}

void Allowances::correct(std::span<const LedgerEntry> corrections, WallTime now) {
  const Periods periods = periods_at(zone_, now);
  for (const LedgerEntry& correction : corrections) {
    Allowance* const allowance = find(correction.key);
    if (allowance == nullptr) continue;
    allowance->correct_cost(periods_at(zone_, correction.started), periods, correction.cost);
  }
}

void Allowances::charge(std::span<const LedgerEntry> entries, WallTime now) {
  const Periods periods = periods_at(zone_, now);
  for (const LedgerEntry& entry : entries) {
    Allowance* const allowance = find(entry.key);
    if (allowance == nullptr) continue;
    allowance->charge_late(periods_at(zone_, entry.started), periods, entry.usage.total(),
                           entry.cost);
  }
}

Result<void> Allowances::load(Store& store, std::span<const ApiKey> keys, WallTime now) {
  const Periods periods = periods_at(zone_, now);
  by_key_.reserve(keys.size());
  for (const ApiKey& key : keys) {
    Allowance& allowance = of(key.id, now);
    allowance.tokens().load(Window::total, periods, key.tokens_used);
    allowance.cost().load(Window::total, periods, key.cost_used);
    allowance.load_use(key.first_used_at, key.last_used_at);
  }
  for (const Window window : {Window::day, Window::week, Window::month}) {
    const Result<void> loaded = load_window(store, window, now);
    if (!loaded) return loaded;
  }
  return load_quarters(store, now);
}

Result<void> Allowances::load_window(Store& store, Window window, WallTime now) {
  const auto charges =
      store.charges(*window_start(zone_, window, now), *window_end(zone_, window, now));
  if (!charges) return std::unexpected(charges.error());
  const Periods periods = periods_at(zone_, now);
  for (const KeyCharge& charge : *charges) {
    Allowance* const allowance = find(charge.key);
    if (allowance == nullptr) continue;  // Of a key that was deleted.
    allowance->tokens().load(window, periods, charge.tokens);
    allowance->cost().load(window, periods, charge.cost);
  }
  return {};
}

Result<void> Allowances::load_quarters(Store& store, WallTime now) {
  const PeriodNumber last = quarter_of(now);
  for (PeriodNumber quarter = last - quarters_before; quarter <= last; ++quarter) {
    const auto charges = store.charges(start_of_quarter(quarter), start_of_quarter(quarter + 1));
    if (!charges) return std::unexpected(charges.error());
    for (const KeyCharge& charge : *charges) {
      Allowance* const allowance = find(charge.key);
      if (allowance == nullptr) continue;
      allowance->tokens().load_quarter(quarter, charge.tokens);
      allowance->cost().load_quarter(quarter, charge.cost);
    }
  }
  return {};
}

}  // namespace relay::core
