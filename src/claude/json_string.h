#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>

#include "claude/json_characters.h"

namespace relay::claude {

// Goes on from `at`, which is inside a JSON string, over text and over whole escapes. Stops at the
// closing quote; or at what needs a closer look: a byte that may not stand there, an escape that is
// not one or not all there, the end.
//
// Sets `has_escapes` if it went over one, or has stopped at one, and leaves it as it is otherwise.
[[nodiscard]] const char* skip_long_text(const char* at, const char* end,
                                         bool& has_escapes) noexcept;

// The same; for names, and for the many strings that are as short.
[[nodiscard]] inline const char* skip_text(const char* at, const char* end,
                                           bool& has_escapes) noexcept {
#ifdef __SSE2__
  constexpr int step = 16;
  if (end - at >= step) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control_max = _mm_set1_epi8(0x1F);
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(text, control_max), text);
    const __m128i is_quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
    const __m128i is_backslash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
    const auto specials = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_quote, is_backslash), is_control)));
    if (specials != 0) {
      at += std::countr_zero(specials);
      if (*at != '\\') return at;
    } else {
      at += step;
    }
  }
#endif
  return skip_long_text(at, end, has_escapes);
}

}  // namespace relay::claude
