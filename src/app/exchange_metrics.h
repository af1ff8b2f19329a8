#pragma once

#include "base/metrics.h"

namespace relay::app {

// The metrics of exchanges. Names, labels and bounds of the first four are the ones that dashboards
// of this service's predecessor know. Made once; shared by all loops.
struct ExchangeMetrics {
  explicit ExchangeMetrics(Metrics& metrics);

  MetricFamily<Counter>& requests;           // relay_requests_total
  MetricFamily<Histogram>& durations;        // proxy_duration_seconds
  MetricFamily<Counter>& tokens;             // tokens_used_total
  MetricFamily<Counter>& cost;               // relay_cost_usd_total, in nano-dollars
  MetricFamily<Counter>& unpriced;           // relay_unpriced_requests_total
  MetricFamily<Histogram>& first_bytes;      // relay_ttft_seconds
  MetricFamily<Counter>& denied;             // relay_denied_total
  MetricFamily<Counter>& upstream_requests;  // relay_upstream_requests_total
  MetricFamily<Counter>& upstream_retries;   // relay_upstream_retries_total
  MetricFamily<Counter>& auth_failures;      // relay_auth_failures_total
  Counter& estimated;                        // relay_usage_estimated_total
  Gauge& in_flight;                          // relay_inflight_requests
};

}  // namespace relay::app
