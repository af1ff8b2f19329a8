#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>

#include "core/ledger.h"

namespace relay::store {

// What a group of ledger entries adds up to.
struct Charges {
  core::Usage usage;
  std::int64_t requests = 0;
  std::int64_t estimated_requests = 0;
};

// When, in the tables by hour, an exchange took place: the start of its hour.
inline std::int64_t hour_of(const core::LedgerEntry& entry) noexcept {
  return WallTime{std::chrono::floor<std::chrono::hours>(entry.started)}.time_since_epoch().count();
}

// What the entry costs. A refused exchange costs nothing, whatever was metered.
inline core::Usage charged(const core::LedgerEntry& entry) noexcept {
  return entry.delivery == core::Delivery::refused ? core::Usage{} : entry.usage;
}

// The sums over one batch that a store adds to its tables: a few upserts instead of two per entry.
// Refers to the entries' texts.
struct BatchTotals {
  using Hour = std::tuple<core::KeyId, std::int64_t, std::string_view, core::Delivery>;

  std::map<core::KeyId, Charges> by_key;  // `requests` leaves out what was refused.
  std::map<Hour, Charges> by_hour;

  void add(const core::LedgerEntry& entry) {
    const core::Usage usage = charged(entry);
    Charges& key = by_key[entry.key];
    Charges& hour =
        by_hour[{entry.key, hour_of(entry),
                 entry.served_model.empty() ? entry.model.view() : entry.served_model.view(),
                 entry.delivery}];
    for (Charges* charges : {&key, &hour}) {
      charges->usage += usage;
      charges->estimated_requests += usage.is_estimated ? 1 : 0;
    }
    key.requests += entry.delivery == core::Delivery::refused ? 0 : 1;
    hour.requests += 1;
  }
};

}  // namespace relay::store
