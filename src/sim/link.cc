#include "sim/link.h"

#include "base/limits.h"

namespace relay::sim {

Task<bool> Link::receive(TimePoint deadline) {
  const net::IoResult<net::Buffer> buffer = co_await socket_.read(buffers_, deadline);
  if (!buffer && buffer.error() == std::errc::timed_out) co_return false;
  if (!buffer || buffer->empty()) {
    is_gone_ = true;
    co_return false;
  }
  received_ += buffer->bytes();
  co_return true;
}

Task<bool> Link::send(std::string_view bytes) {
  if (is_gone_) co_return false;
  const TimePoint deadline = loop_.now() + limits::simulator_write_stall_max;
  const net::IoResult<void> written = co_await socket_.write({bytes}, deadline);
  is_gone_ = !written;
  if (written) bytes_sent_ += bytes.size();
  co_return written.has_value();
}

// Reading is how one learns that the other side has left. A client that goes on sending meanwhile
// is not read without end: from some point on nobody listens until the pause is over.
Task<bool> Link::pause(TimePoint::duration time) {
  const TimePoint due = loop_.now() + time;
  if (time <= TimePoint::duration::zero()) {
    co_await loop_.next_turn();
    co_return !is_gone();
  }
  while (!is_gone_ && loop_.now() < due) {
    if (received_.size() > limits::simulator_read_ahead_bytes_max) {
      co_await loop_.sleep_until(due);
    } else {
      const bool more = co_await receive(due);
      if (!more) break;
    }
  }
  co_return !is_gone_;
}

}  // namespace relay::sim
