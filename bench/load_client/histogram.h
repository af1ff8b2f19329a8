#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace relay::bench {

// Counts of durations, 64 steps to each power of two: a quantile is at most 1.6 % too low.
class Histogram {
 public:
  // Negative values count as 0, those beyond the range as its end.
  void add(std::int64_t value) noexcept {
    const auto clipped = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
    ++slots_[std::min(slot_of(clipped), slots_.size() - 1)];
    ++count_;
    sum_ += static_cast<double>(clipped);
  }

  // The least value that this share of all values does not exceed; 0 if there are none.
  [[nodiscard]] double quantile(double share) const noexcept {
    const auto rounded = static_cast<std::int64_t>(share * static_cast<double>(count_) + 0.5);
    const std::int64_t wanted = std::max<std::int64_t>(rounded, 1);
    std::int64_t seen = 0;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      seen += slots_[slot];
      if (seen >= wanted) return least_of(slot);
    }
    return 0;
  }

  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  [[nodiscard]] double mean() const noexcept {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
  }

 private:
  static constexpr int step_bits = 6;
  static constexpr std::uint64_t steps = 1U << step_bits;
  static constexpr std::size_t powers = 42;  // Up to more than an hour, in nanoseconds.

  static std::size_t slot_of(std::uint64_t value) noexcept {
    if (value < steps) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - step_bits;
    return static_cast<std::size_t>(shift + 1) * steps + (value >> shift) - steps;
  }
  static double least_of(std::size_t slot) noexcept {
    if (slot < steps) return static_cast<double>(slot);
    const std::uint64_t shift = slot / steps - 1;
    return static_cast<double>((steps + slot % steps) << shift);
  }

  std::array<std::int64_t, steps* powers> slots_ = {};
  std::int64_t count_ = 0;
  double sum_ = 0;
};

}  // namespace relay::bench
