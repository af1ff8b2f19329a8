#pragma once

#include <cstdint>
#include <string>

#include "load_client/histogram.h"
#include "load_client/watched_processes.h"
#include "shared/monotonic.h"

namespace relay::bench {

// What is measured, in a window of time: nothing before it and nothing after it counts.
class Measurement {
 public:
  explicit Measurement(WatchedProcesses watched) : watched_{std::move(watched)} {}

  // Opens the window `warmup` from now, for `length`.
  void plan(Nanos now, Nanos warmup, Nanos length) noexcept;

  // Called often, so that the cost of the watched processes is read when the window opens.
  // True once it is over.
  bool is_over(Nanos now);

  void note_bytes(Nanos now, std::size_t bytes) noexcept {
    if (is_open(now)) bytes_ += static_cast<std::int64_t>(bytes);
  }
  void note_first_byte(Nanos now, Nanos due) noexcept {
    if (is_open(now)) first_byte_.add(now - due);
  }
  void note_end(Nanos now, Nanos due) noexcept {
    if (is_open(now)) whole_.add(now - due);
  }
  void note_event(Nanos now, Nanos written) noexcept {
    if (is_open(now)) event_.add(now - written);
  }
  void note_error() noexcept { ++errors_; }
  [[nodiscard]] std::int64_t errors() const noexcept { return errors_; }

  // After the window: one line of JSON.
  [[nodiscard]] std::string report() const;

 private:
  [[nodiscard]] bool is_open(Nanos now) const noexcept {
    return opened_ != 0 && now >= opened_ && now < ends_;
  }

  WatchedProcesses watched_;
  Nanos opens_ = 0;
  Nanos opened_ = 0;  // 0: not yet.
  Nanos ends_ = 0;
  Nanos length_ = 0;
  Nanos cpu_before_ = 0;
  Nanos cpu_after_ = 0;
  std::int64_t resident_kib_ = 0;

  std::int64_t errors_ = 0;  // Whenever they happen.
  std::int64_t bytes_ = 0;
  Histogram first_byte_;
  Histogram whole_;
  Histogram event_;
};

}  // namespace relay::bench
