#include "base/metric_text.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/utf8.h"

namespace relay {
namespace {

// A label value may hold anything that is UTF-8; these three are written with a backslash.
void append_escaped(std::string& text, std::string_view value) {
  while (!value.empty()) {
    const CodePoint point = first_code_point(value);
    if (point.bytes == 0) {
      text += "\ufffd";
      value.remove_prefix(1);
      continue;
    }
    switch (point.value) {
      case '\\': text += "\\\\"; break;
      case '"': text += "\\\""; break;
      case '\n': text += "\\n"; break;
      default: text += value.substr(0, point.bytes);
    }
    value.remove_prefix(point.bytes);
  }
}

void append_name(std::string& text, const SampleName& name, LabelValues values) {
  assert(values.size() == name.spec.labels.size() && "as many values as labels");
  text += name.spec.name;
  text += name.suffix;
  if (values.empty() && name.extra.empty()) return;
  char before = '{';
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += before;
    text += name.spec.labels[i];
    text += "=\"";
    append_escaped(text, values[i]);
    text += '"';
    before = ',';
  }
  if (!name.extra.empty()) (text += before) += name.extra;
  text += '}';
}

}  // namespace

void append_metric_head(std::string& text, const MetricSpec& spec, std::string_view type) {
  fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} {2}\n", spec.name, spec.help,
                 type);
}

void append_sample(std::string& text, const SampleName& name, LabelValues values, double value) {
  append_name(text, name, values);
  if (std::isnan(value)) {
    text += " NaN\n";
  } else if (std::isinf(value)) {
    text += value > 0 ? " +Inf\n" : " -Inf\n";
  } else {
    fmt::format_to(std::back_inserter(text), " {}\n", value);
  }
}

void append_sample(std::string& text, const SampleName& name, LabelValues values,
                   std::uint64_t value) {
  append_name(text, name, values);
  fmt::format_to(std::back_inserter(text), " {}\n", value);
}

}  // namespace relay
