#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/utf8.h"

namespace relay {

// Text of at most N bytes, held in place: what a record can carry into mapped memory by a copy of
// its bytes. Longer text is cut, but no character of it. Trivially copyable.
template <std::size_t N>
class ShortText {
  static_assert(N < 256);

 public:
  static constexpr std::size_t bytes_max = N;

  ShortText() noexcept = default;
  ShortText(std::string_view text) noexcept {  // NOLINT: text is what it is made of.
    const std::string_view kept = text.size() <= N ? text : cut_utf8(text, N);
    size_ = static_cast<std::uint8_t>(kept.size());
    kept.copy(bytes_.data(), kept.size());
  }

  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  friend bool operator==(const ShortText& a, const ShortText& b) noexcept {
    return a.view() == b.view();
  }

 private:
  std::uint8_t size_ = 0;
  std::array<char, N> bytes_ = {};
};

}  // namespace relay
