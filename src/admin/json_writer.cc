#include "admin/json_writer.h"

#include <cassert>

#include "base/json_text.h"
#include "base/rfc3339.h"
#include "core/usd_text.h"

namespace relay::admin {

JsonWriter& JsonWriter::begin(char opening, char closing) {
  separate();
  text_ += opening;
  closings_ += closing;
  is_first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end() {
  assert(!closings_.empty() && "nothing is open");
  text_ += closings_.back();
  closings_.pop_back();
  is_first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  text_ += ':';
  is_first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  text_ += '"';
  append_json_escaped(text_, text);
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(WallTime time) {
  return value(to_rfc3339(time));
}

JsonWriter& JsonWriter::value(Usd usd) {
  return raw(core::usd_text(usd.sum));
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

JsonWriter& JsonWriter::member_or_null(std::string_view name, std::string_view text) {
  return text.empty() ? member(name, nullptr) : member(name, text);
}

void JsonWriter::separate() {
  if (!is_first_) text_ += ',';
  is_first_ = false;
}

}  // namespace relay::admin
