#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "core/money.h"
#include "core/price_table.h"
#include "core/store.h"

namespace relay::core {

struct RepriceRequest {
  WallTime from{};            // Of exchanges that began then or later,
  WallTime to{};              // and before.
  std::string after = {};     // `next` of the report before; empty: from the end of the range.
  std::size_t lines_max = 0;  // About how many lines to look at in one call; 0: all.
  bool is_dry_run = false;    // Append nothing.
};

struct RepriceReport {
  std::int64_t exchanges = 0;  // That were looked at.
  std::int64_t corrected = 0;  // That cost something else now, or have a price now and had none.
  std::int64_t unpriced = 0;   // That still have no price, or not for all of it.
  NanoUsd before = 0;          // What all of them cost, with every correction so far,
  NanoUsd after = 0;           // and what they cost by `prices`.
  std::string next;            // What is left is asked for by this; empty: nothing is.
};

// Is given corrections once the store has them, for what keeps sums of its own.
using CorrectionsTaken = std::function<void(std::span<const LedgerEntry> corrections)>;

// Charges what has been used by other prices: for every exchange that costs something else by
// `prices` it appends a correction (Delivery::adjusted) of the difference, and changes no line.
// What is not priced now stays as it was.
//
// May be repeated, also while another one runs or after it was killed: a correction is named after
// the exchange, the price and how many there were before, so that the store takes it once. `taken`
// may then be given it by both, unless whoever calls lets one run at a time.
//
// Blocks, for as long as it takes.
[[nodiscard]] Result<RepriceReport> reprice(Store& store, const PriceTable& prices,
                                            const RepriceRequest& request,
                                            const CorrectionsTaken& taken = {});

}  // namespace relay::core
