#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "core/report.h"
#include "store/sql.h"
#include "store/sql_query.h"

// Which index a page of the ledger is found by, in any dialect.
namespace relay::store {

// An index that leads to what is asked for, and to little else.
struct Narrowing {
  void (*find)(SqlQuery& query, const core::LedgerFilter& filter);
  bool is_in_order;  // Of time, so that it can be walked, and finds nothing twice.
};

// The number that a query counts.
Result<std::int64_t> counted(SqlConnection& connection, const SqlQuery& query);

// How many an index finds, as far as `enough`.
using CountFound = std::function<Result<std::int64_t>(const Narrowing&, std::int64_t enough)>;

// The one that finds the fewest, of those that find few. Else one in the order of time, to be
// walked: it never finds more than there are. Else none.
Result<std::optional<Narrowing>> narrowest(std::span<const Narrowing> all,
                                           const CountFound& count_found);

}  // namespace relay::store
