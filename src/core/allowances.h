#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "core/allowance.h"
#include "core/store.h"

namespace relay::core {

// The allowance of every key that there was since the start, at an address that stays: none is ever
// freed. One thread at a time; what it gives is for all.
class Allowances {
 public:
  explicit Allowances(TimeZone zone) : zone_{std::move(zone)} {}

  // Once, before there are requests: how all of them stand, by the ledger. Blocks.
  Result<void> load(Store& store, std::span<const ApiKey> keys, WallTime now);

  // Of a new key: nothing is used.
  Allowance& of(KeyId key, WallTime now);

  // Corrections of what was charged (core/reprice.h). Keys that are not here are passed over.
  void correct(std::span<const LedgerEntry> corrections, WallTime now);

  // What was stored without having been charged here. Keys that are not here are passed over.
  void charge(std::span<const LedgerEntry> entries, WallTime now);

 private:
  Result<void> load_window(Store& store, Window window, WallTime now);
  Result<void> load_quarters(Store& store, WallTime now);
  Allowance* find(KeyId key);

  const TimeZone zone_;
  std::unordered_map<KeyId, std::unique_ptr<Allowance>> by_key_;
};

}  // namespace relay::core
