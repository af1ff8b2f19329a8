#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "exchange/settings.h"
#include "http/ports.h"

namespace relay::exchange {

// How long the relay waits for more of one answer, and when its client is to hear from us in the
// meantime. Knows no more than moments: lives in the passage of the answer, on its loop's thread.
class Patience {
 public:
  // What the client hears in place of the upstream.
  enum class Pulse : std::uint8_t {
    none,
    head,  // Of the answer, soon; nothing has been sent yet.
    ping,  // An event that means nothing.
  };

  Patience(const Settings& settings, const Sleeper& sleeper) noexcept
      : settings_{settings}, sleeper_{sleeper} {}

  // The answer begins.
  void begin() noexcept;

  // However much comes until then.
  void end_at(TimePoint end) noexcept { end_ = end; }

  // Until when to wait for the next piece.
  [[nodiscard]] TimePoint deadline(Pulse next) const noexcept;

  // What came of that wait. True: nothing came, and that may still change.
  [[nodiscard]] bool goes_on(const Result<http::Chunk>& heard) noexcept;

  // The client has heard from us.
  void note_pulse() noexcept { last_pulse_ = sleeper_.now(); }

  // Something has come from the upstream then.
  [[nodiscard]] TimePoint last_heard() const noexcept { return last_heard_; }

 private:
  [[nodiscard]] TimePoint too_long_at() const noexcept;
  [[nodiscard]] TimePoint due(Pulse pulse) const noexcept;

  const Settings& settings_;
  const Sleeper& sleeper_;
  TimePoint last_heard_{};
  TimePoint last_pulse_{};
  TimePoint answer_deadline_{};
  TimePoint end_ = no_deadline;
};

}  // namespace relay::exchange
