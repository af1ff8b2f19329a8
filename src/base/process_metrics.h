#pragma once

#include "base/clock.h"
#include "base/metrics.h"

namespace relay {

// process_cpu_seconds_total, process_open_fds and the others that every Prometheus client library
// has, read from the system at every scrape. Called once, at start.
void add_process_metrics(Metrics& metrics, const Clock& clock);

}  // namespace relay
