#pragma once

#include <cstddef>

#include "base/clock.h"
#include "base/limits.h"

namespace relay::net {

// What a server puts up with from one client connection.
struct ServerLimits {
  using Duration = TimePoint::duration;

  Duration head_timeout = limits::request_head_timeout;  // From its first byte to its last.
  Duration idle_timeout = limits::client_idle_timeout;   // Before a first byte.
  Duration body_grace = limits::body_grace;
  std::size_t body_bytes_per_second_min = limits::body_bytes_per_second_min;
  Duration write_stall_max = limits::write_stall_max;
  std::size_t early_answer_drain_bytes_max = limits::early_answer_drain_bytes_max;
  Duration early_answer_drain_max = limits::early_answer_drain_max;
  std::size_t lingering_close_bytes_max = limits::lingering_close_bytes_max;
  Duration lingering_close_max = limits::lingering_close_max;
};

}  // namespace relay::net
