#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace relay {

// The numbers behind one line of /metrics each. Any thread may change them at any time; they never
// move, never lock and order nothing: a scrape sees each of them at about the same moment.

// Only grows. Whole units; what they are in the exposition is the family's to say.
class alignas(64) Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { count_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> count_ = 0;
};

class alignas(64) Gauge {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t change) noexcept { value_.fetch_add(change, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

// How long things took, in buckets. Negative durations count as none.
class alignas(64) Histogram {
 public:
  using Duration = std::chrono::nanoseconds;

  // `bounds`, which rise, are kept by the caller for as long as the histogram.
  explicit Histogram(std::span<const Duration> bounds);

  void observe(Duration duration) noexcept;

  [[nodiscard]] std::span<const Duration> bounds() const noexcept { return bounds_; }
  // How many fell into the bucket that ends at bounds()[index]; the last one has no end.
  [[nodiscard]] std::uint64_t in_bucket(std::size_t index) const noexcept;
  [[nodiscard]] Duration sum() const noexcept;

 private:
  std::span<const Duration> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;  // One more than there are bounds.
  std::atomic<std::int64_t> sum_ = 0;
};

}  // namespace relay
