#include "store/ledger_narrowing.h"

#include <algorithm>

#include "base/limits.h"

namespace relay::store {

Result<std::int64_t> counted(SqlConnection& connection, const SqlQuery& query) {
  std::int64_t count = 0;
  const Result<void> done =
      connection.each(query, [&count](const SqlRow& row) { count = row.integer(0); });
  if (!done) return std::unexpected(done.error());
  return count;
}

Result<std::optional<Narrowing>> narrowest(std::span<const Narrowing> all,
                                           const CountFound& count_found) {
  const auto in_order = std::ranges::find(all, true, &Narrowing::is_in_order);
  std::optional<Narrowing> found;
  if (in_order != all.end()) found = *in_order;
  if (found && all.size() == 1) return found;
  std::int64_t fewest = limits::ledger_walked_entries_max;
  for (const Narrowing& narrowing : all) {
    const std::int64_t enough =
        narrowing.is_in_order ? fewest : std::min(fewest, limits::ledger_sorted_entries_max);
    const Result<std::int64_t> count = count_found(narrowing, enough);
    if (!count) return std::unexpected(count.error());
    if (*count >= enough) continue;
    fewest = *count;
    found = narrowing;
  }
  return found;
}

}  // namespace relay::store
