#pragma once

#include <cstdint>
#include <vector>

#include "shared/monotonic.h"

namespace relay::bench {

// The processes whose cost is measured, all threads of them, as the kernel accounts for them.
class WatchedProcesses {
 public:
  explicit WatchedProcesses(std::vector<int> pids) : pids_{std::move(pids)} {}

  // Time on a processor so far. That of a thread that has ended is lost: watch processes that keep
  // theirs.
  [[nodiscard]] Nanos cpu() const;

  // Resident memory, in KiB.
  [[nodiscard]] std::int64_t resident_kib() const;

 private:
  std::vector<int> pids_;
};

}  // namespace relay::bench
