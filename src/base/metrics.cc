#include "base/metrics.h"

#include <algorithm>

#include "base/metric_text.h"

namespace relay {
namespace {

class ScrapeCallback final : public MetricSource {
 public:
  ScrapeCallback(MetricSpec spec, MetricType type, Metrics::Callback callback)
      : spec_{std::move(spec)}, type_{type}, callback_{std::move(callback)} {}

  [[nodiscard]] const MetricSpec& spec() const noexcept override { return spec_; }
  void append_text(std::string& text) override {
    append_metric_head(text, spec_, type_ == MetricType::counter ? "counter" : "gauge");
    MetricSamples samples{text, spec_};
    callback_(samples);
  }

 private:
  const MetricSpec spec_;
  const MetricType type_;
  const Metrics::Callback callback_;
};

}  // namespace

void MetricSamples::add(std::initializer_list<std::string_view> label_values, double value) {
  append_sample(text_, {spec_}, {label_values.begin(), label_values.size()}, value);
}

template <typename T>
T& Metrics::add(std::unique_ptr<T> family) {
  T& added = *family;
  auto sources = sources_.lock();
  assert(
      std::ranges::none_of(
          *sources, [&](const auto& other) { return other->spec().name == added.spec().name; }) &&
      "a metric is registered once");
  sources->push_back(std::move(family));
  return added;
}

MetricFamily<Counter>& Metrics::counters(MetricSpec spec) {
  return add(std::make_unique<MetricFamily<Counter>>(std::move(spec),
                                                     std::vector<Histogram::Duration>{}, series_));
}

MetricFamily<Gauge>& Metrics::gauges(MetricSpec spec) {
  return add(std::make_unique<MetricFamily<Gauge>>(std::move(spec),
                                                   std::vector<Histogram::Duration>{}, series_));
}

MetricFamily<Histogram>& Metrics::histograms(MetricSpec spec,
                                             std::vector<Histogram::Duration> bounds) {
  return add(
      std::make_unique<MetricFamily<Histogram>>(std::move(spec), std::move(bounds), series_));
}

void Metrics::on_scrape(MetricSpec spec, MetricType type, Callback callback) {
  add(std::make_unique<ScrapeCallback>(std::move(spec), type, std::move(callback)));
}

std::string Metrics::text() {
  std::string text;
  auto sources = sources_.lock();
  for (const auto& source : *sources) source->append_text(text);
  return text;
}

}  // namespace relay
