#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "core/ledger.h"
#include "core/report.h"

namespace relay::store {

using Day = std::chrono::days;
using Hour = std::chrono::hours;

// The start of the hour, or the day of UTC, in which an exchange took place.
template <typename Span>
WallTime start_of(WallTime time) noexcept {
  return std::chrono::floor<Span>(time);
}

// What an exchange is counted under: what answered, or was asked for if nothing did.
inline std::string_view billed_model(const core::LedgerEntry& entry) noexcept {
  return entry.served_model.empty() ? entry.model.view() : entry.served_model.view();
}

// The entry as it is kept. A refused exchange costs nothing, whatever was metered.
core::LedgerEntry as_charged(core::LedgerEntry entry) noexcept;

// What one entry, as charged, adds to sums. A correction puts them right and counts for nothing.
core::UsageSums sums_of(const core::LedgerEntry& charged) noexcept;

// What a batch adds to the balance of a key.
struct Balance {
  core::UsageSums sums;
  std::optional<WallTime> first_used;  // By exchanges, not by their corrections.
  std::optional<WallTime> last_used;

  void add(const core::LedgerEntry& charged) noexcept;
};

// The sums over one batch that a store adds to its tables: a few upserts instead of many per entry.
// Refers to the entries' texts.
struct BatchTotals {
  using Place = std::tuple<WallTime, core::KeyId, std::string_view, core::Delivery>;
  using AllModelsPlace = std::tuple<WallTime, core::KeyId>;
  using AllKeysPlace = std::tuple<WallTime, std::string_view, core::Delivery>;

  std::map<core::KeyId, Balance> by_key;
  std::map<Place, core::UsageSums> by_hour;
  std::map<Place, core::UsageSums> by_day;
  std::map<AllModelsPlace, core::UsageSums> by_day_of_all_models;
  std::map<AllKeysPlace, core::UsageSums> by_hour_of_all_keys;

  void add(const core::LedgerEntry& entry);
};

}  // namespace relay::store
