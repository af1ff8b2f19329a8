#include "base/metric_family.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "base/metric_text.h"

namespace relay {
namespace {

double in_seconds(Histogram::Duration duration) {
  return std::chrono::duration<double>{duration}.count();
}

void append_series(std::string& text, const MetricSpec& spec, LabelValues values,
                   const Counter& counter) {
  if (spec.unit == 1) {
    append_sample(text, {spec}, values, counter.value());
  } else {
    append_sample(text, {spec}, values, static_cast<double>(counter.value()) * spec.unit);
  }
}

void append_series(std::string& text, const MetricSpec& spec, LabelValues values,
                   const Gauge& gauge) {
  append_sample(text, {spec}, values, static_cast<double>(gauge.value()) * spec.unit);
}

void append_series(std::string& text, const MetricSpec& spec, LabelValues values,
                   const Histogram& histogram) {
  const auto bounds = histogram.bounds();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    count += histogram.in_bucket(i);
    const std::string le = i < bounds.size() ? fmt::format("le=\"{}\"", in_seconds(bounds[i]))
                                             : std::string{"le=\"+Inf\""};
    append_sample(text, {spec, "_bucket", le}, values, count);
  }
  append_sample(text, {spec, "_sum"}, values, in_seconds(histogram.sum()));
  append_sample(text, {spec, "_count"}, values, count);
}

std::string_view type_of(const MetricFamily<Counter>&) {
  return "counter";
}
std::string_view type_of(const MetricFamily<Gauge>&) {
  return "gauge";
}
std::string_view type_of(const MetricFamily<Histogram>&) {
  return "histogram";
}

std::vector<std::string> with_other(const MetricSpec& spec, LabelValues values) {
  std::vector<std::string> folded{values.begin(), values.end()};
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (spec.labels[i] == spec.open_label) folded[i] = "other";
  }
  return folded;
}

}  // namespace

template <typename Series>
Series& MetricFamily<Series>::with(LabelValues values) {
  assert(values.size() == spec_.labels.size() && "as many values as labels");
  auto all = all_.lock();
  const auto found = all->find(values);
  if (found != all->end()) return found->second;
  return add(*all, values);
}

template <typename Series>
Series& MetricFamily<Series>::add(All& all, LabelValues values) {
  std::vector<std::string> own{values.begin(), values.end()};
  if (series_in_all_.load(std::memory_order_relaxed) >= limits::metrics_series_max) {
    own = with_other(spec_, values);
    const auto found = all.find(own);
    if (found != all.end()) return found->second;
  }
  series_in_all_.fetch_add(1, std::memory_order_relaxed);
  if constexpr (std::is_same_v<Series, Histogram>) {
    return all.try_emplace(std::move(own), bounds_).first->second;
  } else {
    return all.try_emplace(std::move(own)).first->second;
  }
}

template <typename Series>
void MetricFamily<Series>::append_text(std::string& text) {
  append_metric_head(text, spec_, type_of(*this));
  auto all = all_.lock();
  std::vector<std::string_view> values;
  for (const auto& [own, series] : *all) {
    values.assign(own.begin(), own.end());
    append_series(text, spec_, values, series);
  }
}

template class MetricFamily<Counter>;
template class MetricFamily<Gauge>;
template class MetricFamily<Histogram>;

}  // namespace relay
