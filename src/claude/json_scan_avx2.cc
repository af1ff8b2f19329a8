// Compiled with the instructions it is named after: see CMakeLists.txt.
#ifdef __AVX2__
#include <immintrin.h>

#include "claude/json_block_scan.h"
#include "claude/json_lanes.h"
#endif

#include "claude/json_scan.h"

namespace relay::claude {
#ifdef __AVX2__
namespace {

struct Avx2Lane {
  static constexpr int bytes = 32;

  static Avx2Lane load(const char* from) noexcept {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))};
  }
  Avx2Lane with(char bits) const noexcept { return {_mm256_or_si256(x, _mm256_set1_epi8(bits))}; }

  __m256i equal(char c) const noexcept { return _mm256_cmpeq_epi8(x, _mm256_set1_epi8(c)); }
  __m256i in_range(char low, char high) const noexcept {
    const __m256i moved = _mm256_sub_epi8(x, _mm256_set1_epi8(low));
    const __m256i width = _mm256_set1_epi8(static_cast<char>(high - low));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(moved, width), moved);
  }
  __m256i equal_by_low_digit(const char (&table)[16]) const noexcept {
    const __m128i once = _mm_load_si128(reinterpret_cast<const __m128i*>(table));
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(once), x), x);
  }

  static Places places(__m256i matches) noexcept {
    return static_cast<unsigned>(_mm256_movemask_epi8(matches));
  }
  static Places running_xor(Places x) noexcept {
    const __m128i bits = _mm_set_epi64x(0, static_cast<long long>(x));
    const __m128i product = _mm_clmulepi64_si128(bits, _mm_set1_epi8(-1), 0);
    return static_cast<Places>(_mm_cvtsi128_si64(product));
  }

  __m256i x;
};

}  // namespace

const JsonScanner* avx2_json_scanner() noexcept {
  return &JsonBlockScan<JsonLanes<Avx2Lane>>::scanner;
}
#else
const JsonScanner* avx2_json_scanner() noexcept {
  return nullptr;
}
#endif
}  // namespace relay::claude
