#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/metric_family.h"

namespace relay {

// The text exposition format 0.0.4 of Prometheus, piece by piece.

// # HELP and # TYPE.
void append_metric_head(std::string& text, const MetricSpec& spec, std::string_view type);

// `suffix` follows the name ("_bucket"); `extra` is a complete label that comes last (le="1").
struct SampleName {
  const MetricSpec& spec;
  std::string_view suffix = {};
  std::string_view extra = {};
};

void append_sample(std::string& text, const SampleName& name, LabelValues values, double value);
void append_sample(std::string& text, const SampleName& name, LabelValues values,
                   std::uint64_t value);

}  // namespace relay
