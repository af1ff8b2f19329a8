#pragma once

#include "core/ledger.h"
#include "core/price_table.h"

namespace relay::core {

// What `entry` is charged for, and what that costs by `quote` and by the terms it was served on.
inline void charge(LedgerEntry& entry, const PriceQuote& quote, const Usage& usage) noexcept {
  const PriceQuote::Charge charge = quote.charge(usage, entry.terms);
  entry.usage = usage;
  entry.cost = charge.cost;
  entry.price_version = charge.price_version;
  entry.is_unpriced = charge.is_unpriced;
}

}  // namespace relay::core
