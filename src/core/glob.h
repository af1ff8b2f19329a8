#pragma once

#include <string_view>

namespace relay::core {

// Whether all of `text` is as `pattern` says: "*" stands for any text, "?" for one byte. Every
// other byte stands for itself. Takes at most as many steps as the product of their lengths.
[[nodiscard]] constexpr bool glob_matches(std::string_view pattern,
                                          std::string_view text) noexcept {
  constexpr auto none = std::string_view::npos;
  std::size_t star = none;  // The last one seen, and how far the text was when it was.
  std::size_t from = 0;
  std::size_t at = 0;
  std::size_t in = 0;
  while (at < text.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      from = at;
    } else if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == text[at])) {
      ++in;
      ++at;
    } else if (star != none) {
      in = star + 1;
      at = ++from;
    } else {
      return false;
    }
  }
  while (in < pattern.size() && pattern[in] == '*') ++in;
  return in == pattern.size();
}

}  // namespace relay::core
