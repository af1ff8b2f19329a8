#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace relay {

// Times as the APIs write them (RFC 3339): "2026-11-23T10:00:00.000Z". Reading takes any offset and
// any fraction; what is no such time is none. Writing gives UTC with milliseconds, for the
// years 0 to 9999; a time before or after them is written as the first or the last one in them.
std::optional<WallTime> parse_rfc3339(std::string_view text);
std::string to_rfc3339(WallTime time);

// A date alone: "2026-11-23".
std::string rfc3339_date(std::chrono::sys_days day);

// The same, into memory that has room for it. Returns where the text ends.
inline constexpr std::size_t rfc3339_chars = 24;
char* put_rfc3339(char* to, WallTime time) noexcept;

}  // namespace relay
