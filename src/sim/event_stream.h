#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/answer.h"
#include "sim/script.h"
#include "sim/usage_report.h"

namespace relay::sim {

struct Event {
  std::string name;  // Empty: the event is nothing but data.
  std::string data;  // JSON of one line.
  std::optional<ReportedUsage> usage = {};
};

// The events as a text/event-stream, one piece each, with whatever the script wants odd about it:
// `sse`, `error_event`, `compact`.
[[nodiscard]] std::vector<Piece> write_events(const Script& script, std::vector<Event> events);

}  // namespace relay::sim
