#include "sim/event_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/json_text.h"

namespace relay::sim {
namespace {

// How the lines of a stream look.
struct Dialect {
  std::string_view line_end = "\n";
  std::string_view after_colon = " ";
  bool has_names = true;
  bool has_comments = false;
  bool splits_data = false;
};

Dialect dialect_of(std::string_view oddity) noexcept {
  Dialect dialect;
  if (oddity == "cr") dialect.line_end = "\r";
  if (oddity == "crlf") dialect.line_end = "\r\n";
  if (oddity == "no_space") dialect.after_colon = "";
  if (oddity == "data_only") dialect.has_names = false;
  if (oddity == "comments") dialect.has_comments = true;
  if (oddity == "two_data_lines") dialect.splits_data = true;
  return dialect;
}

void add_line(std::string& text, const Dialect& dialect, std::string_view field,
              std::string_view value) {
  text.append(field).append(":").append(dialect.after_colon).append(value);
  text.append(dialect.line_end);
}

std::string write_event(const Dialect& dialect, const Event& event) {
  std::string text;
  text.reserve(event.name.size() + event.data.size() + 32);
  if (dialect.has_comments) text.append(": keep-alive").append(dialect.line_end);
  if (dialect.has_names && !event.name.empty()) add_line(text, dialect, "event", event.name);
  // The lines of an event are joined by LF, which JSON takes for a blank between two tokens.
  const std::size_t comma = dialect.splits_data ? event.data.find(',') : std::string::npos;
  if (comma == std::string::npos) {
    add_line(text, dialect, "data", event.data);
  } else {
    add_line(text, dialect, "data", std::string_view{event.data}.substr(0, comma + 1));
    add_line(text, dialect, "data", std::string_view{event.data}.substr(comma + 1));
  }
  return text.append(dialect.line_end);
}

// The real API puts blanks before the last brace of a line, more or less of them.
void pad(std::vector<Event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::string& data = events[i].data;
    if (data.ends_with('}')) data.insert(data.size() - 1, i * 7 % 13, ' ');
  }
}

void break_off_with_error(const Script& script, std::vector<Event>& events) {
  const auto kept = std::min(static_cast<std::size_t>(*script.error_event), events.size());
  events.resize(kept);
  const std::string_view type = value_or(script.error, "overloaded_error");
  const std::string_view message = value_or(script.message, "Overloaded");
  events.push_back({"error", fmt::format(R"({{"type":"error","error":{{"type":{},"message":{}}}}})",
                                         json_string(type), json_string(message))});
}

void reorder(std::string_view oddity, std::vector<Event>& events) {
  const auto named = [&](std::string_view name) {
    return std::ranges::find(events, name, &Event::name);
  };
  if (oddity == "no_stop")
    std::erase_if(events, [](const Event& e) { return e.name == "message_stop"; });
  if (oddity == "two_starts" && !events.empty())
    events.insert(events.begin(), Event{events.front()});
  if (oddity == "delta_before_start") {
    const auto delta = named("message_delta");
    if (delta != events.end()) std::rotate(events.begin(), delta, delta + 1);
  }
  if (oddity == "unknown_events") {
    const Event unknown{"content_block_novelty", R"({"type":"content_block_novelty","index":0})"};
    for (std::size_t at = 1; at < events.size(); at += 3) {
      events.insert(events.begin() + static_cast<std::ptrdiff_t>(at), unknown);
    }
  }
  if (oddity == "lookalikes" && !events.empty()) {
    events.insert(events.begin() + 1,
                  {"ping", R"({"type":"ping","note":"event: message_delta data: {\"type\":)"
                           R"(\"message_delta\",\"usage\":{\"output_tokens\":999999}}"})"});
  }
}

}  // namespace

std::vector<Piece> write_events(const Script& script, std::vector<Event> events) {
  if (!script.sse.empty()) reorder(script.sse, events);
  if (script.error_event) break_off_with_error(script, events);
  if (!script.compact) pad(events);

  const Dialect dialect = dialect_of(script.sse);
  std::vector<Piece> pieces;
  pieces.reserve(events.size());
  for (const Event& event : events) pieces.push_back({write_event(dialect, event), event.usage});
  if (pieces.empty()) return pieces;
  if (script.sse == "bom") pieces.front().bytes.insert(0, "\xef\xbb\xbf");
  if (script.sse == "no_final_blank") pieces.back().bytes.pop_back();
  return pieces;
}

}  // namespace relay::sim
