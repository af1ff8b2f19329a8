#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "http/head.h"

namespace relay::net {

// What it has allocated, and will again.
inline std::size_t memory_bytes(const std::string& text) noexcept {
  const std::size_t in_place = std::string{}.capacity();
  return text.capacity() > in_place ? text.capacity() : 0;
}
inline std::size_t memory_bytes(const http::RequestHead& head) noexcept {
  return head.target.capacity() + head.fields.memory_bytes();
}
inline std::size_t memory_bytes(const http::AnswerHead& head) noexcept {
  return head.fields.memory_bytes();
}

// Heads, or texts of heads, that were used, for the next ones. So a connection has one only while
// it is needed, and hardly ever has to allocate it. Belongs to one loop.
template <typename T>
class Spares {
 public:
  Spares() { kept_.reserve(limits::spare_heads_max); }

  // With anything in it. Never null.
  [[nodiscard]] std::unique_ptr<T> take() {
    if (kept_.empty()) return std::make_unique<T>();
    std::unique_ptr<T> taken = std::move(kept_.back());
    kept_.pop_back();
    return taken;
  }

  // Nothing happens to null.
  void put_back(std::unique_ptr<T> spare) noexcept {
    if (spare == nullptr || kept_.size() == limits::spare_heads_max) return;
    if (memory_bytes(*spare) > 2 * limits::kept_string_bytes_max) return;
    kept_.push_back(std::move(spare));
  }

 private:
  std::vector<std::unique_ptr<T>> kept_;
};

}  // namespace relay::net
