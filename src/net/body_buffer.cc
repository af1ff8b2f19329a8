#include "net/body_buffer.h"

#include <algorithm>

#include "base/limits.h"

namespace relay::net {

bool BodyBudget::take(std::size_t bytes) noexcept {
  const std::size_t before = in_use_.fetch_add(bytes, std::memory_order_relaxed);
  if (before <= bytes_max_ && bytes <= bytes_max_ - before) return true;
  give_back(bytes);
  return false;
}

void BodyBudget::give_back(std::size_t bytes) noexcept {
  in_use_.fetch_sub(bytes, std::memory_order_relaxed);
}

bool BodyBuffer::make_room(std::size_t bytes, std::size_t bytes_to_come) noexcept {
  const std::size_t needed = size_ + bytes;
  if (needed <= capacity_) return true;
  const std::size_t doubled = std::max(2 * capacity_, limits::body_reservation_bytes);
  const std::size_t capacity = std::max(needed, std::min(doubled, size_ + bytes_to_come));

  if (!budget_.take(capacity - capacity_)) return false;
  char* const moved = static_cast<char*>(std::realloc(memory_.get(), capacity));
  if (moved == nullptr) {
    budget_.give_back(capacity - capacity_);
    return false;
  }
  static_cast<void>(memory_.release());
  memory_.reset(moved);
  capacity_ = capacity;
  return true;
}

void BodyBuffer::clear() noexcept {
  budget_.give_back(capacity_);
  memory_.reset();
  size_ = capacity_ = 0;
}

}  // namespace relay::net
