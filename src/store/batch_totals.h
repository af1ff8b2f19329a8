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

// What an entry is charged: nothing if it was refused, whatever was metered.
struct Charge {
  core::Usage usage;
  core::NanoUsd cost = 0;
  bool is_unpriced = false;
};
Charge charge_of(const core::LedgerEntry& entry) noexcept;

// The entry as it is kept. A refused exchange costs nothing, whatever was metered.
core::LedgerEntry as_charged(core::LedgerEntry entry) noexcept;

// What one entry adds to sums. A correction puts them right and counts for nothing.
core::UsageSums sums_of(const core::LedgerEntry& entry) noexcept;

// What exchanges add to a balance.
struct Balance {
  core::UsageSums sums;
  std::optional<WallTime> first_used;  // By exchanges, not by their corrections.
  std::optional<WallTime> last_used;

  void add(const core::LedgerEntry& entry) noexcept;
  Balance& operator+=(const Balance& other) noexcept;
};

// The sums over one batch that a store adds to its tables: a few upserts instead of many per entry.
// An entry is counted in one place; the other sums are sums of those. Refers to the entries' texts.
class BatchTotals {
 public:
  using Place = std::tuple<WallTime, core::KeyId, std::string_view, core::Delivery>;
  using AllModelsPlace = std::tuple<WallTime, core::KeyId>;
  using AllKeysPlace = std::tuple<WallTime, std::string_view, core::Delivery>;

  void add(const core::LedgerEntry& entry);

  [[nodiscard]] const std::map<Place, Balance>& by_hour() const noexcept { return by_hour_; }
  [[nodiscard]] std::map<core::KeyId, Balance> by_key() const;
  [[nodiscard]] std::map<Place, core::UsageSums> by_day() const;
  [[nodiscard]] std::map<AllModelsPlace, core::UsageSums> by_day_of_all_models() const;
  [[nodiscard]] std::map<AllKeysPlace, core::UsageSums> by_hour_of_all_keys() const;

 private:
  std::map<Place, Balance> by_hour_;
};

}  // namespace relay::store
