#pragma once

#include <bit>
#include <string_view>

#include "http/characters.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// run_of() for the two classes a head consists of, sixteen bytes at a time where the machine can.
namespace relay::http {

#ifdef __SSE2__
namespace detail {

// The bytes of `x` that are at least `low` and at most `high`, as unsigned numbers.
inline __m128i in_range(__m128i x, char low, char high) noexcept {
  const __m128i moved = _mm_sub_epi8(x, _mm_set1_epi8(low));
  const __m128i width = _mm_set1_epi8(static_cast<char>(high - low));
  return _mm_cmpeq_epi8(_mm_min_epu8(moved, width), moved);
}

// Letters, digits and "-": nearly all there is in names. The rest takes the slow way.
inline __m128i is_name_text(__m128i x) noexcept {
  const __m128i lower = _mm_or_si128(x, _mm_set1_epi8(0x20));
  const __m128i alphanumeric = _mm_or_si128(in_range(lower, 'a', 'z'), in_range(x, '0', '9'));
  return _mm_or_si128(alphanumeric, _mm_cmpeq_epi8(x, _mm_set1_epi8('-')));
}

inline __m128i is_field_text(__m128i x) noexcept {
  const __m128i controls =
      _mm_or_si128(in_range(x, 0, 0x1f), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f)));
  return _mm_xor_si128(controls, _mm_set1_epi8(-1));
}

// How many bytes `is_wanted` takes from the front before it says no, or fewer than 16 are left.
template <auto is_wanted>
std::size_t run_by_sixteen(std::string_view bytes) noexcept {
  constexpr unsigned all = 0xffff;
  std::size_t n = 0;
  for (; n + 16 <= bytes.size(); n += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + n));
    const auto wanted = static_cast<unsigned>(_mm_movemask_epi8(is_wanted(x)));
    if (wanted != all) return n + static_cast<std::size_t>(std::countr_one(wanted));
  }
  return n;
}

}  // namespace detail

[[nodiscard]] inline std::size_t run_of_token(std::string_view bytes) noexcept {
  const std::size_t n = detail::run_by_sixteen<detail::is_name_text>(bytes);
  return n + run_of(CharClass::token, bytes.substr(n));
}

[[nodiscard]] inline std::size_t run_of_field_text(std::string_view bytes) noexcept {
  const std::size_t n = detail::run_by_sixteen<detail::is_field_text>(bytes);
  return n + run_of(CharClass::field_text, bytes.substr(n));
}
#else
[[nodiscard]] inline std::size_t run_of_token(std::string_view bytes) noexcept {
  return run_of(CharClass::token, bytes);
}

[[nodiscard]] inline std::size_t run_of_field_text(std::string_view bytes) noexcept {
  return run_of(CharClass::field_text, bytes);
}
#endif

}  // namespace relay::http
