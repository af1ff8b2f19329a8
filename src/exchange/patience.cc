#include "exchange/patience.h"

#include <algorithm>

#include "base/limits.h"

namespace relay::exchange {

void Patience::begin() noexcept {
  last_heard_ = sleeper_.now();
  answer_deadline_ = last_heard_ + settings_.stream_total_timeout;
}

TimePoint Patience::deadline(Pulse next) const noexcept {
  return std::min(too_long_at(), due(next));
}

bool Patience::goes_on(const Result<http::Chunk>& heard) noexcept {
  const TimePoint now = sleeper_.now();
  if (heard || heard.error().code != ErrorCode::upstream_timeout) {
    last_heard_ = now;
    return false;
  }
  return now < too_long_at();
}

TimePoint Patience::too_long_at() const noexcept {
  return std::min({last_heard_ + settings_.stream_idle_timeout, answer_deadline_, end_});
}

TimePoint Patience::due(Pulse pulse) const noexcept {
  switch (pulse) {
    case Pulse::none: return no_deadline;
    case Pulse::head: return last_heard_ + limits::first_bytes_wait_max;
    case Pulse::ping: return std::max(last_heard_, last_pulse_) + settings_.ping_interval;
  }
  __builtin_unreachable();
}

}  // namespace relay::exchange
