#pragma once

#include <functional>

#include "base/metrics.h"
#include "store/ledger_writer.h"
#include "store/reconciler.h"

namespace relay::app {

// How what was used gets into the store: how much waits, since when, what was recovered and what
// failed; and whether its sums agree. `writer` and `finding` are asked at each scrape and may give
// nothing before the relay runs. All that they refer to outlives the metrics.
void add_ledger_metrics(Metrics& metrics, std::function<const store::LedgerWriter*()> writer,
                        std::function<std::optional<store::Reconciler::Finding>()> finding);

}  // namespace relay::app
