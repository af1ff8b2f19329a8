#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace relay::net {

// Bytes that lie in up to four places and travel as one, so that a staged head, the size line of a
// chunk, its bytes and what ends it cost one system call and one packet. Owns nothing.
class Pieces {
 public:
  Pieces(std::string_view first, std::string_view second = {}, std::string_view third = {},
         std::string_view fourth = {}) noexcept {
    for (const std::string_view bytes : {first, second, third, fourth}) {
      if (!bytes.empty()) rest_[end_++] = {const_cast<char*>(bytes.data()), bytes.size()};
    }
  }

  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  [[nodiscard]] std::size_t bytes() const noexcept {
    std::size_t sum = 0;
    for (std::size_t i = begin_; i < end_; ++i) sum += rest_[i].iov_len;
    return sum;
  }

  // What is left, in the form the kernel takes. No piece of it is empty.
  [[nodiscard]] std::span<iovec> rest() noexcept {
    return std::span{rest_}.subspan(begin_, end_ - begin_);
  }

  // The first of what is left. Requires: not empty.
  [[nodiscard]] std::string_view front() const noexcept {
    return {static_cast<const char*>(rest_[begin_].iov_base), rest_[begin_].iov_len};
  }

  // The first bytes, as many as there is space for; returns how many.
  std::size_t copy_to(std::span<char> space) const noexcept {
    std::size_t count = 0;
    for (std::size_t i = begin_; i < end_ && count < space.size(); ++i) {
      const std::size_t part = std::min(rest_[i].iov_len, space.size() - count);
      std::memcpy(space.data() + count, rest_[i].iov_base, part);
      count += part;
    }
    return count;
  }

  // Forgets the first `count` bytes. Requires: there are as many.
  void drop(std::size_t count) noexcept {
    while (count > 0) {
      iovec& piece = rest_[begin_];
      const std::size_t dropped = std::min(count, piece.iov_len);
      piece.iov_base = static_cast<char*>(piece.iov_base) + dropped;
      piece.iov_len -= dropped;
      count -= dropped;
      if (piece.iov_len == 0) ++begin_;
    }
  }

 private:
  std::array<iovec, 4> rest_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace relay::net
