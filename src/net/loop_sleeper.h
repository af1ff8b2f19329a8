#pragma once

#include "base/clock.h"
#include "base/task.h"
#include "net/loop.h"

namespace relay::net {

// The Sleeper port, over one loop. Belongs to that loop's thread.
class LoopSleeper final : public Sleeper {
 public:
  explicit LoopSleeper(Loop& loop) noexcept : loop_{loop} {}

  [[nodiscard]] TimePoint now() const noexcept override { return loop_.now(); }
  Task<void> sleep_until(TimePoint due) override { co_await loop_.sleep_until(due); }

 private:
  Loop& loop_;
};

}  // namespace relay::net
