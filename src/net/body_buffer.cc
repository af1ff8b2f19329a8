#include "net/body_buffer.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace relay::net {
namespace {

// A conversation grows with each request, and is to find room where the last one lay.
std::size_t rounded(std::size_t bytes) noexcept {
  constexpr std::size_t step = limits::idle_body_bytes_min;
  return bytes < step ? bytes : (bytes + step - 1) / step * step;
}

}  // namespace

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
  if (needed <= memory_.size) return true;
  if (memory_.size == 0 && take_idle(std::max(needed, bytes_to_come))) return true;
  const std::size_t doubled = std::max(2 * memory_.size, limits::body_reservation_bytes);
  const std::size_t size = rounded(std::max(needed, std::min(doubled, size_ + bytes_to_come)));

  if (!budget_.take(size - memory_.size)) return false;
  char* const moved = static_cast<char*>(std::realloc(memory_.bytes.get(), size));
  if (moved == nullptr) {
    budget_.give_back(size - memory_.size);
    return false;
  }
  static_cast<void>(memory_.bytes.release());
  memory_.bytes.reset(moved);
  memory_.size = size;
  return true;
}

// Nobody pays for what lies idle, so here what was said to come may be believed.
bool BodyBuffer::take_idle(std::size_t bytes) noexcept {
  if (bytes < limits::idle_body_bytes_min) return false;
  BodyMemory taken = idle_.take(bytes);
  if (taken.size == 0) return false;
  if (!budget_.take(taken.size)) {
    idle_.put_back(std::move(taken));
    return false;
  }
  memory_ = std::move(taken);
  return true;
}

void BodyBuffer::clear() noexcept {
  budget_.give_back(memory_.size);
  idle_.put_back(std::exchange(memory_, {}));
  size_ = 0;
}

}  // namespace relay::net
