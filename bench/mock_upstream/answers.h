#pragma once

#include <string>
#include <string_view>

#include "shared/monotonic.h"

// What the mock upstream says: messages as the real API sends them, framed already.
namespace relay::bench {

// About 1.5 KB, with its head.
[[nodiscard]] std::string_view json_answer();

// The head of a stream and its message_start, which come together.
[[nodiscard]] std::string_view stream_start();

// One event of a stream of `count`, which come after message_start: a block's beginning, a ping,
// deltas, and what ends a message. A delta says that it was written `now`. Valid until the next
// call on this thread.
[[nodiscard]] std::string_view stream_event(int index, int count, Nanos now);

}  // namespace relay::bench
