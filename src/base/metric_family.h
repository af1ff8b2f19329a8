#pragma once

#include <atomic>
#include <cassert>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/metric_series.h"

namespace relay {

struct MetricSpec {
  std::string name;
  std::string help;
  std::vector<std::string> labels = {};
  std::string open_label = {};  // One of `labels` whose values are not a closed set of ours.
  double unit = 1;              // What one count is worth: 1e-9 for nano-dollars shown as dollars.
};

using LabelValues = std::span<const std::string_view>;

// Something that has lines in the exposition.
class MetricSource {
 public:
  virtual ~MetricSource() = default;
  [[nodiscard]] virtual const MetricSpec& spec() const noexcept = 0;
  virtual void append_text(std::string& text) = 0;
};

// The series of one metric, by the values of its labels.
//
// When the process has limits::metrics_series_max series, new values of the open label become
// "other"; families without one are bounded by their sets.
//
// Thread-safe. References to series stay valid for as long as the family.
template <typename Series>
class MetricFamily final : public MetricSource {
 public:
  MetricFamily(MetricSpec spec, std::vector<Histogram::Duration> bounds,
               std::atomic<std::size_t>& series)
      : spec_{std::move(spec)}, bounds_{std::move(bounds)}, series_in_all_{series} {}
  MetricFamily(const MetricFamily&) = delete;
  MetricFamily& operator=(const MetricFamily&) = delete;

  // Takes a lock: at start, or through a SeriesCache.
  [[nodiscard]] Series& with(LabelValues values);
  [[nodiscard]] Series& with(std::initializer_list<std::string_view> values) {
    return with(LabelValues{values.begin(), values.size()});
  }
  [[nodiscard]] Series& with() { return with(LabelValues{}); }

  [[nodiscard]] const MetricSpec& spec() const noexcept override { return spec_; }
  void append_text(std::string& text) override;

 private:
  struct Less {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    }
  };
  using All = std::map<std::vector<std::string>, Series, Less>;

  Series& add(All& all, LabelValues values);

  const MetricSpec spec_;
  const std::vector<Histogram::Duration> bounds_;
  std::atomic<std::size_t>& series_in_all_;
  Guarded<All> all_;
};

extern template class MetricFamily<Counter>;
extern template class MetricFamily<Gauge>;
extern template class MetricFamily<Histogram>;

// One thread's own way to the few series it counts in all the time: by a key that is quick to
// compare, without a lock and without a look at labels. Belongs to one thread; the families outlive
// it.
template <typename Key, typename Series>
class SeriesCache {
 public:
  // The series of this key: what `find` gives when it is asked for the first time.
  template <typename Find>
  [[nodiscard]] Series& at(const Key& key, Find find) {
    for (const Known& known : known_) {
      if (known.key == key) return *known.series;
    }
    Series& series = find();
    if (known_.size() == known_max) known_.clear();
    known_.push_back({key, &series});
    return series;
  }

 private:
  static constexpr std::size_t known_max = 64;  // More are no longer quick to go through.

  struct Known {
    Key key;
    Series* series;
  };
  std::vector<Known> known_;
};

}  // namespace relay
