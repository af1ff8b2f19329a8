#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "core/ledger.h"

namespace relay::store {

// What a group of ledger entries adds up to.
struct Charges {
  core::Usage usage;
  core::NanoUsd cost = 0;
  std::int64_t requests = 0;
  std::int64_t estimated_requests = 0;
  std::int64_t unpriced_requests = 0;
  std::optional<WallTime> first_used;  // Of exchanges, not of their corrections.
  std::optional<WallTime> last_used;
};

// When, in the tables by hour, an exchange took place: the start of its hour.
inline WallTime hour_of(WallTime time) noexcept {
  return std::chrono::floor<std::chrono::hours>(time);
}

// What the exchange is counted under: what answered, or was asked for if nothing did.
inline std::string_view billed_model(const core::LedgerEntry& entry) noexcept {
  return entry.served_model.empty() ? entry.model.view() : entry.served_model.view();
}

// The entry as it is kept. A refused exchange costs nothing, whatever was metered.
inline core::LedgerEntry as_charged(core::LedgerEntry entry) noexcept {
  if (entry.delivery != core::Delivery::refused) return entry;
  entry.usage = {};
  entry.cost = 0;
  entry.is_unpriced = false;
  return entry;
}

// The sums over one batch that a store adds to its tables: a few upserts instead of two per entry.
// Refers to the entries' texts.
struct BatchTotals {
  using Hour = std::tuple<WallTime, core::KeyId, std::string_view, core::Delivery>;

  std::map<core::KeyId, Charges> by_key;  // `requests` leaves out what was refused.
  std::map<Hour, Charges> by_hour;

  void add(const core::LedgerEntry& entry) {
    const core::LedgerEntry charged = as_charged(entry);
    Charges& key = by_key[entry.key];
    Charges& hour =
        by_hour[{hour_of(entry.started), entry.key, billed_model(entry), entry.delivery}];
    const bool is_correction = entry.delivery == core::Delivery::adjusted;
    for (Charges* charges : {&key, &hour}) {
      charges->usage += charged.usage;
      charges->cost += charged.cost;
      if (is_correction) {
        charges->unpriced_requests -= charged.is_unpriced ? 1 : 0;
      } else {
        charges->estimated_requests += charged.usage.is_estimated ? 1 : 0;
        charges->unpriced_requests += charged.is_unpriced ? 1 : 0;
      }
    }
    if (is_correction) return;
    key.requests += entry.delivery == core::Delivery::refused ? 0 : 1;
    hour.requests += 1;
    key.first_used = std::min(key.first_used.value_or(entry.started), entry.started);
    key.last_used = std::max(key.last_used.value_or(entry.started), entry.started);
  }
};

}  // namespace relay::store
