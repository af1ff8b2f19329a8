#pragma once

#include <vector>

#include "base/clock.h"
#include "store/sql_text.h"

// From where sums over a time are read: the coarser the table, the fewer the rows.
namespace relay::store {

// From inclusive, to exclusive.
struct TimeSpan {
  WallTime from;
  WallTime to;
};

// Before and after all that was ever recorded.
inline constexpr WallTime beginning_of_time{std::chrono::milliseconds{-100'000'000'000'000}};
inline constexpr WallTime end_of_time{std::chrono::milliseconds{1'000'000'000'000'000}};

// Something with the columns of sums, model, delivery and, but for sums over all keys, key_id.
struct SumSource {
  SqlText table;
  SqlText time;     // Of a row, by which it is looked for,
  SqlText hour;     // and when its hour and
  SqlText quarter;  // quarter of an hour began.
};

// The entries themselves.
extern const SumSource entry_sums;

struct SourcePart {
  const SumSource* source;
  TimeSpan span;
};

enum class Grain { entry, hour, day };

// All of the span, each part of it from the coarsest source that `coarsest` allows.
std::vector<SourcePart> parts_of_keys(const TimeSpan& span, Grain coarsest);
// The same where sums over all keys will do.
std::vector<SourcePart> parts_of_all_keys(const TimeSpan& span, Grain coarsest);

}  // namespace relay::store
