#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <string_view>

#include "net/idle_bodies.h"

namespace relay::net {

// How many bytes all request bodies together may hold. One for all loops. Thread-safe.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) noexcept : bytes_max_{bytes_max} {}

  // False: that is more than is left, and nothing was taken.
  [[nodiscard]] bool take(std::size_t bytes) noexcept;
  void give_back(std::size_t bytes) noexcept;

  [[nodiscard]] std::size_t in_use() const noexcept {
    return in_use_.load(std::memory_order_relaxed);
  }

 private:
  std::size_t bytes_max_;
  std::atomic<std::size_t> in_use_ = 0;
};

// A request body that is collected, in one piece. Its memory is paid for from a budget, and grows
// with what has come, whatever was said to come; unless there is memory that lies idle. Belongs to
// one thread.
class BodyBuffer {
 public:
  BodyBuffer(BodyBudget& budget, IdleBodies& idle) noexcept : budget_{budget}, idle_{idle} {}
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;
  ~BodyBuffer() { clear(); }

  // Sees to it that space() has at least `bytes`; more if it had to grow, up to `bytes_to_come`, or
  // somewhat beyond where that is much.
  // False: the budget, or the memory, is used up.
  [[nodiscard]] bool make_room(std::size_t bytes, std::size_t bytes_to_come) noexcept;

  // Where the next bytes go, and how many of them have come.
  [[nodiscard]] std::span<char> space() noexcept {
    return {memory_.bytes.get() + size_, memory_.size - size_};
  }
  void add(std::size_t bytes) noexcept { size_ += bytes; }

  [[nodiscard]] std::string_view bytes() const noexcept { return {memory_.bytes.get(), size_}; }

  void clear() noexcept;

 private:
  bool take_idle(std::size_t bytes) noexcept;

  BodyBudget& budget_;
  IdleBodies& idle_;
  BodyMemory memory_;
  std::size_t size_ = 0;
};

}  // namespace relay::net
