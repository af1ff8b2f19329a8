#pragma once

#include <cstddef>
#include <string_view>

namespace relay {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;  // How many bytes it takes; 0: the text does not begin with valid UTF-8.
};

// The first code point of `text`, which is not empty. Overlong forms, surrogates and what lies
// beyond U+10FFFF are invalid (RFC 3629).
[[nodiscard]] CodePoint first_code_point(std::string_view text) noexcept;

// How many characters `text` has. A byte that begins none counts as one.
[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

// At most `bytes_max` bytes of `text`, never half a code point.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace relay
