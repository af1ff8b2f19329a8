#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "base/result.h"

namespace relay::exchange {

// So many at the same time, on all loops together. Thread-safe; takes no lock. Outlives its
// permits.
class Permits {
 public:
  class Permit;

  explicit Permits(std::size_t max) noexcept : max_{max} {}
  Permits(const Permits&) = delete;
  Permits& operator=(const Permits&) = delete;

  // overloaded: all are taken.
  [[nodiscard]] Result<Permit> take();

  [[nodiscard]] std::size_t taken() const noexcept {
    return taken_.load(std::memory_order_relaxed);
  }

 private:
  const std::size_t max_;
  std::atomic<std::size_t> taken_ = 0;
};

// One of them, given back with its last owner.
class [[nodiscard]] Permits::Permit {
 public:
  Permit(Permit&& other) noexcept : from_{std::exchange(other.from_, nullptr)} {}
  Permit& operator=(Permit&&) = delete;
  ~Permit() {
    if (from_ != nullptr) from_->taken_.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  friend class Permits;
  explicit Permit(Permits& from) noexcept : from_{&from} {}

  Permits* from_;
};

inline Result<Permits::Permit> Permits::take() {
  if (taken_.fetch_add(1, std::memory_order_relaxed) < max_) return Permit{*this};
  taken_.fetch_sub(1, std::memory_order_relaxed);
  return std::unexpected(
      Error{.code = ErrorCode::overloaded,
            .origin = Origin::relay,
            .message = "The relay is serving as many requests as it takes. Try again in a moment.",
            .detail = "all permits are taken"});
}

}  // namespace relay::exchange
