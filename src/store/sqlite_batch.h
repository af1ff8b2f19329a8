#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ledger.h"
#include "store/ledger_place.h"
#include "store/sql.h"
#include "store/table_image.h"

namespace relay::store {

// Appends to `recorded` those of `wanted` that are recorded as of the millisecond that begins at
// `time`. `wanted` is sorted.
Result<void> find_recorded(SqlConnection& connection, Place time,
                           std::span<const core::AttemptId> wanted,
                           std::vector<core::AttemptId>& recorded);

// Takes entries into SQLite's ledger, a batch at a time, and keeps its memory for the next one.
// Refers to the entries until then. To outlive the connection.
class SqliteBatch {
 public:
  // Once, when the schema is there.
  Result<void> attach(SqliteConnection& connection);

  // Finds where these are to lie, and passes over those that are recorded already. Within a
  // transaction, after which nobody else writes until insert().
  Result<void> place(SqlConnection& connection, std::span<const core::LedgerEntry> entries);
  // Makes their rows. Not within a transaction.
  Result<void> make_rows(SqliteConnection& connection);
  // Within one that is undone if a call fails, like the next.
  Result<void> insert(SqlConnection& connection);

  // How those that were inserted are found by something else than their time.
  Result<void> write_indexes(SqlConnection& connection);

  struct Placed {
    Place place;
    const core::LedgerEntry* entry;
  };
  // Those that are inserted.
  [[nodiscard]] std::span<const Placed> inserted() const noexcept { return placed_; }

 private:
  template <typename Value>
  using Index = std::vector<std::pair<Value, Moment>>;

  Result<void> place_those_of_one_time(SqlConnection& connection, std::span<const Placed> those,
                                       bool may_be_recorded);
  template <typename Value>
  static Result<void> write_index(SqlConnection& connection, SqlText insert, Index<Value>& index);
  Result<void> write_clues(SqlConnection& connection);

  std::vector<Placed> by_time_;            // All that came,
  std::vector<Placed> placed_;             // and what of it is new.
  std::vector<core::AttemptId> attempts_;  // Of one time,
  std::vector<core::AttemptId> recorded_;  // and what of it is recorded.
  TableImage rows_;
  Index<core::KeyId> by_key_;
  Index<std::string_view> by_model_;
  Index<std::int64_t> by_cost_;
  std::vector<Moment> unusual_;
  std::vector<std::uint8_t> clues_;
};

}  // namespace relay::store
