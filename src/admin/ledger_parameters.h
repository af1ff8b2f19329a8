#pragma once

#include "admin/parameters.h"
#include "core/report.h"
#include "core/store.h"

namespace relay::admin {

// Which exchanges are asked for: model, outcome.
core::LedgerFilter read_exchanges(Parameters& asked);

// The same by all that single entries tell: endpoint, status, stream, estimated, unpriced,
// cost_min_usd, duration_min_ms, client, request.
core::LedgerFilter read_entries(Parameters& asked);

// Whose: tag, tier, and key, which is ids of keys, deleted ones too, separated by commas.
// store_unavailable.
Result<void> read_keys(Parameters& asked, core::Store& store, core::LedgerFilter& filter);

}  // namespace relay::admin
