#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ledger.h"
#include "store/ledger_place.h"
#include "store/sql.h"

namespace relay::store {

// Appends to `recorded` those of `wanted` that are recorded as of the millisecond that begins at
// `time`. `wanted` is sorted.
Result<void> find_recorded(SqlConnection& connection, Place time,
                           std::span<const core::AttemptId> wanted,
                           std::vector<core::AttemptId>& recorded);

// Takes entries into SQLite's ledger, a batch at a time, and keeps its memory for the next one.
// Call within a transaction that is undone if a call fails. Refers to the entries until the next
// batch.
class SqliteBatch {
 public:
  // Passes over those that are recorded already.
  Result<void> insert(SqlConnection& connection, std::span<const core::LedgerEntry> entries);

  // How those that were inserted are found by something else than their time.
  Result<void> write_indexes(SqlConnection& connection);

  struct Placed {
    Place place;
    const core::LedgerEntry* entry;
  };
  // Those that were inserted.
  [[nodiscard]] std::span<const Placed> inserted() const noexcept { return placed_; }

 private:
  template <typename Value>
  using Index = std::vector<std::pair<Value, Moment>>;

  Result<void> place(SqlConnection& connection, std::span<const core::LedgerEntry> entries);
  Result<void> place_those_of_one_time(SqlConnection& connection, std::span<const Placed> those,
                                       bool may_be_recorded);
  Result<void> insert_together(SqlConnection& connection, std::span<const Placed> some);
  template <typename Value>
  static Result<void> write_index(SqlConnection& connection, SqlText insert, Index<Value>& index);
  Result<void> write_clues(SqlConnection& connection);

  std::vector<Placed> by_time_;            // All that came,
  std::vector<Placed> placed_;             // and what of it is new.
  std::vector<core::AttemptId> attempts_;  // Of one time,
  std::vector<core::AttemptId> recorded_;  // and what of it is recorded.
  std::vector<SqlValue> values_;
  Index<core::KeyId> by_key_;
  Index<std::string_view> by_model_;
  Index<std::int64_t> by_cost_;
  std::vector<Moment> unusual_;
  std::vector<std::uint8_t> clues_;
};

}  // namespace relay::store
