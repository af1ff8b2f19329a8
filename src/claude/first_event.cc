#include "claude/first_event.h"

#include "base/limits.h"
#include "claude/event_data.h"
#include "claude/line_reader.h"

namespace relay::claude {
namespace {

FirstEvent judge(Event event, std::string_view data) {
  if (event != Event::error) return FirstEvent::normal;
  const bool is_overloaded = error_type_of(data).view() == "overloaded_error";
  return is_overloaded ? FirstEvent::overloaded : FirstEvent::other_error;
}

}  // namespace

FirstEvent first_event(std::string_view stream) {
  LineReader lines;
  lines.feed(stream);
  Event event = Event::unnamed;
  while (const auto line = lines.next()) {
    if (line->bytes == 0) event = Event::unnamed;
    if (const auto name = field_value(line->text, "event")) {
      event = event_named(*name);
      if (event != Event::error && event != Event::ping) return FirstEvent::normal;
    }
    const auto data = field_value(line->text, "data");
    if (!data) continue;
    if (event == Event::unnamed) event = event_of(*data);
    if (event != Event::ping) return judge(event, *data);
  }
  return stream.size() < limits::first_event_bytes_max ? FirstEvent::undecided : FirstEvent::normal;
}

}  // namespace relay::claude
