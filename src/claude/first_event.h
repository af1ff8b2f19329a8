#pragma once

#include <cstdint>
#include <string_view>

namespace relay::claude {

// What an event stream begins with. While nothing of it has been sent to the client, a stream that
// begins by saying that the upstream is overloaded may be tried elsewhere, as a 529 may.
enum class FirstEvent : std::uint8_t {
  undecided,    // More bytes are needed.
  overloaded,   // An error event of type overloaded_error.
  other_error,  // Another error event.
  normal,       // Anything else, or nothing within limits::first_event_bytes_max.
};

// From all bytes of the stream so far. Pings and comments do not count as events.
[[nodiscard]] FirstEvent first_event(std::string_view stream);

}  // namespace relay::claude
