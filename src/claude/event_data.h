#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/short_text.h"
#include "claude/json_reader.h"

namespace relay::claude {

// The events of a Messages stream that mean something to the relay.
enum class Event : std::uint8_t {
  unnamed,  // There is no event line: the data says what it is.
  content_block_delta,
  message_start,
  message_delta,
  message_stop,
  error,
  ping,
  other,  // New ones may appear: none of our business.
};

using ErrorType = ShortText<31>;

// If `line` begins with the field name `name` and a colon: its value.
[[nodiscard]] std::optional<std::string_view> field_value(std::string_view line,
                                                          std::string_view name) noexcept;

[[nodiscard]] Event event_named(std::string_view name) noexcept;

// Of an event without a name, by the `type` or the `error` in its data.
[[nodiscard]] Event event_of(std::string_view data);

// Reads an `error` object whose first token was just read: its `type`. False: not JSON.
bool read_error_type(JsonReader& reader, ErrorType& type);

// error.type in the data of an error event; "error" if it has none.
[[nodiscard]] ErrorType error_type_of(std::string_view data);

// The text in the data of a content_block_delta, as it stands between its quotes. None: it is not
// written as the API writes it today.
[[nodiscard]] std::optional<std::string_view> delta_text(std::string_view data) noexcept;

}  // namespace relay::claude
