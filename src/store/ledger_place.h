#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "core/money.h"

// Where entries lie in SQLite's ledger. The id of a row is its place: the millisecond in which its
// exchange began, and its number among those of that millisecond, in the order of writing. So the
// table is its own index by time, and new rows go to its end.
//
// All of this is on disk: it never changes.
namespace relay::store {

using Place = std::int64_t;

// The first place of this millisecond. Times that no clock shows, before 1830 and after 2109, lie
// at the ends.
Place first_place(WallTime started) noexcept;

// The first places of the millisecond in which this one is, and of the next one.
Place begin_of_millisecond(Place place) noexcept;
Place end_of_millisecond(Place place) noexcept;

// Entries that begin within 128 ms of each other share a moment. What an index has for each of them
// elsewhere, ledger_by_key and its like have once for all of a moment: few rows where there are
// many entries, and few entries to look through where there are not.
using Moment = std::int64_t;

Moment moment_of(Place place) noexcept;

// What is dearer is of no lower class, and a class is at most a tenth wide. In SQL:
// CASE WHEN cost < 0 THEN 0 ELSE length(cost) * 100 + substr(cost, 1, 2) END.
std::int64_t cost_class(core::NanoUsd cost) noexcept;

// A request's name as what is kept to find its entry: the first place of its millisecond, and
// bits of the name's hash where an entry has its number.
Place clue_to(WallTime started, std::string_view name) noexcept;

// The bits of a name's hash. One clue in a million has those of another name.
class NameBits {
 public:
  explicit NameBits(std::string_view name) noexcept;
  [[nodiscard]] bool are_in(Place clue) const noexcept;

 private:
  Place bits_;
};

}  // namespace relay::store
