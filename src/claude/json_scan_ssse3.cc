// Compiled with the instructions it is named after: see CMakeLists.txt.
#ifdef __SSSE3__
#include <immintrin.h>

#include "claude/json_block_scan.h"
#include "claude/json_lanes.h"
#endif

#include "claude/json_scan.h"

namespace relay::claude {
#ifdef __SSSE3__
namespace {

struct Ssse3Lane {
  static constexpr int bytes = 16;

  static Ssse3Lane load(const char* from) noexcept {
    return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))};
  }
  Ssse3Lane with(char bits) const noexcept { return {_mm_or_si128(x, _mm_set1_epi8(bits))}; }

  __m128i equal(char c) const noexcept { return _mm_cmpeq_epi8(x, _mm_set1_epi8(c)); }
  __m128i in_range(char low, char high) const noexcept {
    const __m128i moved = _mm_sub_epi8(x, _mm_set1_epi8(low));
    const __m128i width = _mm_set1_epi8(static_cast<char>(high - low));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, width), moved);
  }
  __m128i equal_by_low_digit(const char (&table)[16]) const noexcept {
    const __m128i by_digit = _mm_load_si128(reinterpret_cast<const __m128i*>(table));
    return _mm_cmpeq_epi8(_mm_shuffle_epi8(by_digit, x), x);
  }

  static Places places(__m128i matches) noexcept {
    return static_cast<unsigned>(_mm_movemask_epi8(matches));
  }
  static Places running_xor(Places x) noexcept {
    const __m128i bits = _mm_set_epi64x(0, static_cast<long long>(x));
    const __m128i product = _mm_clmulepi64_si128(bits, _mm_set1_epi8(-1), 0);
    return static_cast<Places>(_mm_cvtsi128_si64(product));
  }

  __m128i x;
};

}  // namespace

const JsonScanner* ssse3_json_scanner() noexcept {
  return &JsonBlockScan<JsonLanes<Ssse3Lane>>::scanner;
}
#else
const JsonScanner* ssse3_json_scanner() noexcept {
  return nullptr;
}
#endif
}  // namespace relay::claude
