#pragma once

#include "core/report.h"
#include "store/sql_query.h"

// What pages of the ledger are asked for, as conditions of SQL.
namespace relay::store {

// Whether it finds only what did not go as usual: not answered in full and well, or not charged by
// what was reported and a known price.
bool asks_for_unusual(const core::LedgerFilter& filter);

// Everything that is asked for but time and request. A `+` keeps an index from being used for it.
void where_matches(SqlQuery& query, const core::LedgerFilter& filter);

}  // namespace relay::store
