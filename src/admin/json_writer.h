#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "core/money.h"

namespace relay::admin {

// A sum that is written as an exact decimal number: 0.000000001.
struct Usd {
  core::NanoUsd sum = 0;
};

// Writes one JSON text, in the order of the calls:
//
//   JsonWriter json;
//   json.begin_object().member("id", uuid).key("tags").begin_list().value("a").end().end();
//   return json_reply(200, json.take());
//
// Whatever bytes a text has, what comes out is valid JSON. That brackets match and members have
// keys is for the caller to see to.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return begin('{', '}'); }
  JsonWriter& begin_list() { return begin('[', ']'); }
  JsonWriter& end();  // Of the innermost of these.

  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(std::nullptr_t) { return raw("null"); }
  JsonWriter& value(WallTime time);
  JsonWriter& value(Usd usd);
  template <std::integral T>
  JsonWriter& value(T number) {
    if constexpr (std::same_as<T, bool>) return raw(number ? "true" : "false");
    return raw(std::to_string(number));
  }
  template <typename T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : value(nullptr);
  }
  JsonWriter& raw(std::string_view json);  // A value that is written already.

  template <typename T>
  JsonWriter& member(std::string_view name, const T& its_value) {
    return key(name).value(its_value);
  }
  // null, where a text that is empty means that there is none.
  JsonWriter& member_or_null(std::string_view name, std::string_view text);

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  JsonWriter& begin(char opening, char closing);
  void separate();

  std::string text_;
  std::string closings_;  // Of what is open, innermost last.
  bool is_first_ = true;  // Nothing has been written yet where we are.
};

}  // namespace relay::admin
