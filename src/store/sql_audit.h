#pragma once

#include "core/audit.h"
#include "store/sql.h"

namespace relay::store {

// Writes the line of a change, in the transaction of that change.
Result<void> record(SqlConnection& connection, const core::AuditEntry& entry);

}  // namespace relay::store
