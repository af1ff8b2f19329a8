#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace relay {

// Times as the APIs write them (RFC 3339): "2026-11-23T10:00:00.000Z". Reading takes any offset and
// any fraction; what is no such time is none. Writing gives UTC with milliseconds.
std::optional<WallTime> parse_rfc3339(std::string_view text);
std::string to_rfc3339(WallTime time);

}  // namespace relay
