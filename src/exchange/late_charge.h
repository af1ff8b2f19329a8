#pragma once

#include "claude/advisor_usage.h"
#include "core/ledger.h"
#include "core/price_table.h"

namespace relay::exchange {

// What no exchange has held or settled, as core::is_charged_when_stored() has it: a line of the
// ledger that comes of `exchange` and is beside its own. Left to the caller: its attempt, endpoint
// and terms.
[[nodiscard]] core::LedgerEntry late_charge(const core::LedgerEntry& exchange,
                                            const claude::ModelName& model,
                                            const core::Usage& usage);

// Prices it and records it. False: there is no room.
[[nodiscard]] bool record(core::Ledger& ledger, const core::PriceTable& prices,
                          core::LedgerEntry entry);

}  // namespace relay::exchange
