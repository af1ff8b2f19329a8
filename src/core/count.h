#pragma once

#include <atomic>
#include <cstdint>

namespace relay::core {

// An amount that is checked and taken in one step. Any thread; never waits.
class Count {
 public:
  [[nodiscard]] bool take(std::int64_t amount, std::int64_t limit) noexcept {
    std::int64_t taken = taken_.load(std::memory_order_relaxed);
    do {
      if (amount > limit || taken > limit - amount) return false;
    } while (!taken_.compare_exchange_weak(taken, taken + amount, std::memory_order_acq_rel));
    return true;
  }
  void add(std::int64_t change) noexcept { taken_.fetch_add(change, std::memory_order_acq_rel); }
  [[nodiscard]] std::int64_t taken() const noexcept {
    return taken_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> taken_ = 0;
};

}  // namespace relay::core
