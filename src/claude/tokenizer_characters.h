#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Text as the tokenizer sees it: characters, each of one kind.
namespace relay::claude {

// The distinctions that the patterns of both encodings make. A character has exactly one kind; a
// KindSet is any number of them.
using KindSet = std::uint8_t;
namespace kind {
inline constexpr KindSet upper = 1 << 0;    // \p{Lu} \p{Lt}
inline constexpr KindSet lower = 1 << 1;    // \p{Ll}
inline constexpr KindSet uncased = 1 << 2;  // \p{Lm} \p{Lo}
inline constexpr KindSet mark = 1 << 3;     // \p{M}
inline constexpr KindSet number = 1 << 4;   // \p{N}
inline constexpr KindSet space = 1 << 5;    // \s of JavaScript: with U+FEFF, without U+0085.
inline constexpr KindSet newline = 1 << 6;  // \r \n
inline constexpr KindSet symbol = 1 << 7;   // Everything else.

inline constexpr KindSet letter = upper | lower | uncased;
inline constexpr KindSet whitespace = space | newline;
}  // namespace kind

struct Character {
  KindSet kind = 0;
  std::size_t bytes = 0;

  [[nodiscard]] bool is(KindSet kinds) const noexcept { return (kind & kinds) != 0; }
};

// The character that begins at `at`; at the end of the text one of no kind and no bytes.
// Requires: `text` is valid UTF-8 and `at` a boundary in it.
Character character_at(std::string_view text, std::size_t at) noexcept;

// `text` with U+FFFD in place of every maximal subpart that is not UTF-8 (Unicode chapter 3.9, the
// Encoding Standard's "UTF-8 decode without BOM").
std::string replace_invalid(std::string_view text);

}  // namespace relay::claude
