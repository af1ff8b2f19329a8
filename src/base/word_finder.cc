#include "base/word_finder.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cassert>

namespace relay {
namespace {

#ifdef __SSE2__
__m128i load(const char* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
#endif

}  // namespace

void WordFinder::add(std::string_view word) {
  assert(word.size() >= 3);
  const bool is_there = std::ranges::any_of(beginnings_, [word](const Beginning& beginning) {
    return beginning.first[0] == word[0] && beginning.third[0] == word[2];
  });
  if (is_there) return;
  Beginning& added = beginnings_.emplace_back();
  added.first.fill(word[0]);
  added.third.fill(word[2]);
}

std::uint32_t WordFinder::places_in_block(std::string_view text) const noexcept {
#ifdef __SSE2__
  if (text.size() > block_bytes + 1) {  // So that each place has two bytes behind it.
    const char* const at = text.data();
    const __m128i low = load(at);
    const __m128i behind_low = load(at + 2);
    const __m128i high = load(at + 16);
    const __m128i behind_high = load(at + 18);
    __m128i in_low = _mm_setzero_si128();
    __m128i in_high = _mm_setzero_si128();
    for (const Beginning& word : beginnings_) {
      const __m128i first = load(word.first.data());
      const __m128i third = load(word.third.data());
      in_low = _mm_or_si128(
          in_low, _mm_and_si128(_mm_cmpeq_epi8(low, first), _mm_cmpeq_epi8(behind_low, third)));
      in_high = _mm_or_si128(
          in_high, _mm_and_si128(_mm_cmpeq_epi8(high, first), _mm_cmpeq_epi8(behind_high, third)));
    }
    return static_cast<std::uint32_t>(_mm_movemask_epi8(in_low)) |
           static_cast<std::uint32_t>(_mm_movemask_epi8(in_high)) << 16;
  }
#endif
  return places_by_byte(text);
}

std::uint32_t WordFinder::places_by_byte(std::string_view text) const noexcept {
  std::uint32_t places = 0;
  for (std::size_t n = 0; n < block_bytes && n + 2 < text.size(); ++n) {
    const bool may_begin = std::ranges::any_of(beginnings_, [&](const Beginning& word) {
      return word.first[0] == text[n] && word.third[0] == text[n + 2];
    });
    places |= std::uint32_t{may_begin} << n;
  }
  return places;
}

}  // namespace relay
