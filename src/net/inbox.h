#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "net/buffer_pool.h"

namespace relay::net {

// What was received on a connection and is not used yet: the beginning of a head, of a body, or of
// a pipelined request. It lies in the buffer it came in; before a wait, little moves to a small
// one, or to a string. It is bounded because its owner reads only when there is nothing in it that
// could be used: a head and a buffer at most.
class Inbox {
 public:
  // `small`: where little may stay for long.
  explicit Inbox(BufferPool& small) noexcept : small_{small} {}

  [[nodiscard]] bool empty() const noexcept { return used_ == size(); }

  // What is there. Stays valid until something is put in.
  [[nodiscard]] std::span<char> rest() noexcept {
    const std::span<char> all =
        buffer_.empty() ? std::span{text_} : buffer_.space().first(buffer_.bytes().size());
    return all.subspan(used_);
  }
  [[nodiscard]] std::string_view view() noexcept { return {rest().data(), rest().size()}; }

  // The bytes are used; they stay where they are until something is put in.
  void use(std::size_t bytes) noexcept {
    assert(bytes <= size() - used_);
    used_ += bytes;
  }

  // Takes what was received next.
  void add(Buffer received) {
    if (!empty()) return append(received.bytes());
    text_.clear();
    buffer_ = std::move(received);
    used_ = 0;
  }
  void append(std::string_view received) {
    if (buffer_.empty()) {
      text_.erase(0, used_);
    } else {
      text_.assign(view());
      buffer_ = {};
    }
    used_ = 0;
    text_.append(received);
  }

  // Before a wait: moves what is there to where it can stay for long, unless it is more than
  // `bytes_max`.
  void settle(std::size_t bytes_max) {
    const std::span<char> little = rest();
    if (is_settled() || little.size() > bytes_max) return;
    Buffer settled;
    if (!little.empty() && little.size() <= small_.buffer_bytes()) {
      settled = small_.take();
      std::ranges::copy(little, settled.space().begin());
      settled.resize(little.size());
    } else {
      text_.assign(view());
    }
    buffer_ = std::move(settled);
    used_ = 0;
  }
  [[nodiscard]] bool is_settled() const noexcept {
    return buffer_.capacity() <= small_.buffer_bytes();
  }

  // Lets go of what is used, and of memory that an idle connection should not have.
  void forget_used() noexcept {
    if (!empty()) return;
    buffer_ = {};
    text_.clear();
    used_ = 0;
    if (text_.capacity() > limits::kept_string_bytes_max) text_.shrink_to_fit();
  }

 private:
  [[nodiscard]] std::size_t size() const noexcept {
    return buffer_.empty() ? text_.size() : buffer_.bytes().size();
  }

  BufferPool& small_;
  Buffer buffer_;     // Either this
  std::string text_;  // or that, and how much of it
  std::size_t used_ = 0;
};

}  // namespace relay::net
