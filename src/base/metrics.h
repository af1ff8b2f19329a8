#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/metric_family.h"

namespace relay {

enum class MetricType : std::uint8_t { counter, gauge };

// What a callback reports when it is asked.
class MetricSamples {
 public:
  explicit MetricSamples(std::string& text, const MetricSpec& spec) : text_{text}, spec_{spec} {}
  void add(std::initializer_list<std::string_view> label_values, double value);

 private:
  std::string& text_;
  const MetricSpec& spec_;
};

// All metrics of the process. Families are made once, at start, and are used by reference from then
// on; nothing on the data path looks for a metric by its name.
//
//   MetricFamily<Counter>& denied = metrics.counters({"relay_denied_total", "Refused, by reason.",
//                                               {"reason"}});
//   Counter& too_fast = denied.with({"rate"});
//   too_fast.add();
//
// Thread-safe. Outlives whoever counts.
class Metrics {
 public:
  using Callback = std::function<void(MetricSamples&)>;

  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  MetricFamily<Counter>& counters(MetricSpec spec);
  MetricFamily<Gauge>& gauges(MetricSpec spec);
  MetricFamily<Histogram>& histograms(MetricSpec spec, std::vector<Histogram::Duration> bounds);

  // Asked at every scrape, on the thread that scrapes.
  void on_scrape(MetricSpec spec, MetricType type, Callback callback);

  // Everything in the text exposition format 0.0.4 of Prometheus.
  [[nodiscard]] std::string text();

 private:
  template <typename T>
  T& add(std::unique_ptr<T> family);

  std::atomic<std::size_t> series_ = 0;
  Guarded<std::vector<std::unique_ptr<MetricSource>>> sources_;
};

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace relay
