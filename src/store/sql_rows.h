#pragma once

#include "core/admin_token.h"
#include "core/audit.h"
#include "core/key.h"
#include "core/tier.h"
#include "store/sql.h"

namespace relay::store {

// Rows of our tables as members of the domain. Each takes the columns in the order in which its
// table or view has them; of live_keys, the first ones, from column `first` on.

core::ApiKey key_of(const SqlRow& row, int first = 0);
core::Tier tier_of(const SqlRow& row);
core::AdminToken admin_token_of(const SqlRow& row);
core::AuditEntry audit_entry_of(const SqlRow& row);

}  // namespace relay::store
