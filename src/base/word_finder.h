#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace relay {

// Finds where in a text one of a few words may begin: by their first two bytes, at thirty-two
// places at a time. Many words may begin alike; they cost as much as one.
class WordFinder {
 public:
  // Requires: at least three bytes.
  void add(std::string_view word);

  // Whether `begins_here` says so of the text from such a place on.
  template <typename BeginsHere>
  [[nodiscard]] bool any_place(std::string_view text, BeginsHere begins_here) const {
    for (std::size_t at = 0; at < text.size(); at += block_bytes) {
      for (std::uint32_t places = places_in_block(text.substr(at)); places != 0;
           places &= places - 1) {
        const auto place = static_cast<std::size_t>(__builtin_ctz(places));
        if (begins_here(text.substr(at + place))) return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::size_t block_bytes = 32;

  // Each byte as often as it is compared at once.
  struct Beginning {
    alignas(16) std::array<char, 16> first, third;
  };

  // Of the first block of `text`; bit n says that one may begin at byte n.
  [[nodiscard]] std::uint32_t places_in_block(std::string_view text) const noexcept;
  [[nodiscard]] std::uint32_t places_by_byte(std::string_view text) const noexcept;

  std::vector<Beginning> beginnings_;
};

}  // namespace relay
