#pragma once

#include <functional>

#include "base/metrics.h"
#include "store/ledger_writer.h"

namespace relay::app {

// How what was used gets into the store: how much waits, since when, what was recovered and what
// failed. `writer` is asked at each scrape and may give nothing before the relay runs. Both outlive
// the metrics.
void add_ledger_metrics(Metrics& metrics, std::function<const store::LedgerWriter*()> writer);

}  // namespace relay::app
