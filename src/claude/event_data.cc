#include "claude/event_data.h"

#include <algorithm>
#include <utility>

#include "claude/json_string.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;

inline bool skip(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<std::string_view> field_value(std::string_view line, std::string_view name) noexcept {
  if (!skip(line, name) || !skip(line, ":")) return std::nullopt;
  skip(line, " ");
  return line;
}

Event event_named(std::string_view name) noexcept {
  if (name == "content_block_delta") return Event::content_block_delta;
  if (name == "message_start") return Event::message_start;
  if (name == "message_delta") return Event::message_delta;
  if (name == "message_stop") return Event::message_stop;
  if (name == "error") return Event::error;
  return name == "ping" ? Event::ping : Event::other;
}

Event event_of(std::string_view data) {
  if (data.starts_with(R"({"type":"content_block_delta")")) return Event::content_block_delta;
  Event event = Event::other;
  JsonReader reader{data};
  if (reader.next() != Token::object) return event;
  each_member(reader, [&](std::string_view name, Token first) {
    if (first == Token::string && name == "type") event = event_named(reader.text());
    if (first == Token::object && name == "error") event = Event::error;
    return skip_value(reader, first);
  });
  return event;
}

bool read_error_type(JsonReader& reader, ErrorType& type) {
  return each_member(reader, [&](std::string_view name, Token first) {
    if (first == Token::string && name == "type") type = reader.short_text<ErrorType::bytes_max>();
    return skip_value(reader, first);
  });
}

ErrorType error_type_of(std::string_view data) {
  ErrorType type{"error"};
  JsonReader reader{data};
  if (reader.next() != Token::object) return type;
  each_member(reader, [&](std::string_view name, Token first) {
    if (first == Token::object && name == "error") return read_error_type(reader, type);
    return skip_value(reader, first);
  });
  return type;
}

std::optional<std::string_view> delta_text(std::string_view data) noexcept {
  if (!skip(data, R"({"type":"content_block_delta","index":)")) return std::nullopt;
  while (!data.empty() && data.front() >= '0' && data.front() <= '9') data.remove_prefix(1);
  if (!skip(data, R"(,"delta":{"type":")")) return std::nullopt;
  const bool is_text = skip(data, R"(text_delta","text":")") ||
                       skip(data, R"(input_json_delta","partial_json":")") ||
                       skip(data, R"(thinking_delta","thinking":")");
  if (!is_text) return std::nullopt;
  bool has_escapes = false;
  const char* const end = data.data() + data.size();
  const char* const quote = skip_text(data.data(), end, has_escapes);
  if (!std::string_view{quote, end}.starts_with("\"}")) return std::nullopt;
  return std::string_view{data.data(), quote};
}

}  // namespace relay::claude
