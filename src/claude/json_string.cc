#include "claude/json_string.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace relay::claude {
namespace {

// Bit n says that byte n needs to be looked at.
using Places = std::uint64_t;

#ifdef __x86_64__
Places find_specials_in_16(const char* at) noexcept {
  const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i control_max = _mm_set1_epi8(0x1F);
  const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(text, control_max), text);
  const __m128i is_quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
  const __m128i is_backslash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
  const int found =
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_quote, is_backslash), is_control));
  return static_cast<unsigned>(found);
}

Places find_specials_sse2(const char* at) noexcept {
  return find_specials_in_16(at) | find_specials_in_16(at + 16) << 16 |
         find_specials_in_16(at + 32) << 32 | find_specials_in_16(at + 48) << 48;
}

// Half the instructions of the other.
__attribute__((target("avx2"))) Places find_specials_avx2(const char* at) noexcept {
  Places specials = 0;
  for (int n = 0; n < 64; n += 32) {
    const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + n));
    const __m256i control_max = _mm256_set1_epi8(0x1F);
    const __m256i is_control = _mm256_cmpeq_epi8(_mm256_min_epu8(text, control_max), text);
    const __m256i is_quote = _mm256_cmpeq_epi8(text, _mm256_set1_epi8('"'));
    const __m256i is_backslash = _mm256_cmpeq_epi8(text, _mm256_set1_epi8('\\'));
    const int found =
        _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(is_quote, is_backslash), is_control));
    specials |= Places{static_cast<unsigned>(found)} << n;
  }
  return specials;
}

// As simdjson sees the processor, so that SIMDJSON_FORCE_IMPLEMENTATION can hide what it has:
// counts of instructions must not depend on the machine.
bool has_avx2() {
  const std::string name = simdjson::get_active_implementation()->name();
  return name == "haswell" || name == "icelake";
}

Places (*const find_specials_in_64)(const char*) noexcept = has_avx2() ? find_specials_avx2
                                                                       : find_specials_sse2;

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
// it.
//
// Text of people and programs has an escape in every other line, so the search does not begin anew
// behind each of them: what a block has is known from one look at it.
template <std::ptrdiff_t block_bytes>
inline bool skip_blocks(const char*& at, const char* end, bool& has_escapes,
                        auto find_specials) noexcept {
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
#ifdef __x86_64__
  if (!skip_blocks<64>(at, end, has_escapes, find_specials_in_64)) return at;
  if (!skip_blocks<16>(at, end, has_escapes, find_specials_in_16)) return at;
#endif
  return skip_rest(at, end, has_escapes);
}

}  // namespace relay::claude
