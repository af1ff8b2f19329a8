#pragma once

#include "core/admin_token.h"
#include "core/audit.h"
#include "core/key.h"
#include "core/report.h"
#include "core/tier.h"
#include "store/sql.h"

namespace relay::store {

// Rows of our tables as members of the domain. Each takes the columns in the order in which its
// table or view has them; of live_keys, the first ones, from column `first` on.

core::ApiKey key_of(const SqlRow& row, int first = 0);
core::Tier tier_of(const SqlRow& row);
core::AdminToken admin_token_of(const SqlRow& row);
core::AuditEntry audit_entry_of(const SqlRow& row);

// The columns of ledger_columns.
core::LedgerRow ledger_row_of(const SqlRow& row);
inline constexpr char ledger_columns[] =
    "entry.id, attempt, request, key_id, endpoint, delivery, is_stream, attempts, status, "
    "first_byte_ms, duration_ms, started, held, input, output, cache_write_5m, cache_write_1h, "
    "cache_read, web_searches, is_estimated, service_tier, geo, is_fast, cost, price_version, "
    "is_unpriced, model, served_model, upstream, upstream_request, client, coalesce(uuid, ''), "
    "coalesce(name, '')";

}  // namespace relay::store
