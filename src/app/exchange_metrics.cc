#include "app/exchange_metrics.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;

std::vector<Histogram::Duration> exchange_bounds() {
  return {50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s, 30s, 60s, 120s, 300s, 600s};
}

}  // namespace

ExchangeMetrics::ExchangeMetrics(Metrics& metrics)
    : requests{metrics.counters({.name = "relay_requests_total",
                                 .help = "Requests of clients, by how they ended.",
                                 .labels = {"endpoint", "model", "code", "outcome"},
                                 .open_label = "model"})},
      durations{metrics.histograms({.name = "proxy_duration_seconds",
                                    .help = "From a request to the end of its answer.",
                                    .labels = {"endpoint", "stream"}},
                                   exchange_bounds())},
      tokens{metrics.counters({.name = "tokens_used_total",
                               .help = "Tokens charged, by kind.",
                               .labels = {"model", "type"},
                               .open_label = "model"})},
      cost{metrics.counters({.name = "relay_cost_usd_total",
                             .help = "What exchanges cost when they ended, without corrections.",
                             .labels = {"model"},
                             .open_label = "model",
                             .unit = 1e-9})},
      unpriced{metrics.counters({.name = "relay_unpriced_requests_total",
                                 .help = "Exchanges of which something has no price.",
                                 .labels = {"model"},
                                 .open_label = "model"})},
      first_bytes{metrics.histograms({.name = "relay_ttft_seconds",
                                      .help = "From a request to the first byte of its answer.",
                                      .labels = {"stream"}},
                                     exchange_bounds())},
      denied{metrics.counters({.name = "relay_denied_total",
                               .help = "Requests that were not admitted, by reason.",
                               .labels = {"reason"}})},
      upstream_requests{metrics.counters({.name = "relay_upstream_requests_total",
                                          .help = "Answers of upstreams, by status.",
                                          .labels = {"upstream", "code"}})},
      upstream_retries{metrics.counters({.name = "relay_upstream_retries_total",
                                         .help = "Requests sent once more, by reason.",
                                         .labels = {"upstream", "reason"}})},
      auth_failures{metrics.counters({.name = "relay_auth_failures_total",
                                      .help = "Credentials that were not taken.",
                                      .labels = {"realm"}})},
      estimated{metrics
                    .counters({.name = "relay_usage_estimated_total",
                               .help = "Exchanges charged in part by an estimate."})
                    .with()},
      in_flight{
          metrics.gauges({.name = "relay_inflight_requests", .help = "Exchanges that are running."})
              .with()} {
}

}  // namespace relay::app
