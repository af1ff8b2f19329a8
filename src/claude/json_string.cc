#include "claude/json_string.h"

#ifdef __x86_64__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstddef>

#include "claude/json_scan.h"

namespace relay::claude {
namespace {

#ifdef __x86_64__
Places find_specials(const char* at) noexcept {
  const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i control_max = _mm_set1_epi8(0x1F);
  const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(text, control_max), text);
  const __m128i is_quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
  const __m128i is_backslash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
  const int found =
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_quote, is_backslash), is_control));
  return static_cast<unsigned>(found);
}
#endif

// The bytes of the escape that begins at `at`; 0 if it is none or not all there.
std::ptrdiff_t long_escape_bytes(const char* at, const char* end) noexcept {
  constexpr std::ptrdiff_t bytes = 6;
  if (end - at < bytes || at[1] != 'u') return 0;
  const bool is_whole = is_in(JsonClass::hex_digit, at[2]) && is_in(JsonClass::hex_digit, at[3]) &&
                        is_in(JsonClass::hex_digit, at[4]) && is_in(JsonClass::hex_digit, at[5]);
  return is_whole ? bytes : 0;
}

// Requires: a byte behind the backslash.
inline std::ptrdiff_t escape_bytes(const char* at, const char* end) noexcept {
  return is_in(JsonClass::short_escape, at[1]) ? 2 : long_escape_bytes(at, end);
}

// As skip_long_text(), for what is less than a block.
const char* skip_rest(const char* at, const char* end, bool& has_escapes) noexcept {
  for (;;) {
    while (at != end && !is_in(JsonClass::special, *at)) ++at;
    if (end - at < 2 || *at != '\\') return at;
    const std::ptrdiff_t escape = escape_bytes(at, end);
    if (escape == 0) return at;
    has_escapes = true;
    at += escape;
  }
}

#ifdef __x86_64__
// As skip_long_text(), but ends where less than a block is left: true there, false at what stops
// it. What a block has is known from one look at it, however many escapes that is.
bool skip_blocks(const char*& at, const char* end, bool& has_escapes) noexcept {
  constexpr std::ptrdiff_t block_bytes = 16;
  while (end - at > block_bytes) {  // So there is a byte behind each of the block.
    const char* const next = at + block_bytes;
    for (Places specials = find_specials(at); specials != 0;) {
      const int plain = std::countr_zero(specials);
      at += plain;
      if (*at != '\\') return false;
      const std::ptrdiff_t escape = escape_bytes(at, end);
      if (escape == 0) return false;
      has_escapes = true;
      at += escape;
      specials = specials >> plain >> escape;  // Its letter may be a quote, or a backslash.
    }
    at = std::max(at, next);
  }
  return true;
}
#endif

}  // namespace

const char* skip_long_text(const char* at, const char* end, bool& has_escapes) noexcept {
  constexpr std::ptrdiff_t long_bytes = 64;
  const JsonScanner* const scanner = end - at < long_bytes ? nullptr : json_scanner();
  if (scanner != nullptr) at = scanner->skip_text(at, end, has_escapes);
#ifdef __x86_64__
  if (!skip_blocks(at, end, has_escapes)) return at;
#endif
  return skip_rest(at, end, has_escapes);
}

}  // namespace relay::claude
