#include "base/json_text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/put.h"
#include "base/utf8.h"

namespace relay {
namespace {

bool is_plain(char byte) noexcept {
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

#ifdef __SSE2__
bool is_all_plain(__m128i bytes) noexcept {
  const __m128i is_control_or_high = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
  const __m128i is_quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i is_backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i is_delete = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
  return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_control_or_high, is_quote),
                                        _mm_or_si128(is_backslash, is_delete))) == 0;
}

template <typename T>
T copy(char* to, const char* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  std::memcpy(to, &value, sizeof value);
  return value;
}

// Each copies a text, some of its bytes twice, and says whether all of it is plain.
bool copy_blocks(char* to, std::string_view text) noexcept {
  const std::size_t last = text.size() - sizeof(__m128i);
  for (std::size_t at = 0; at < last; at += sizeof(__m128i)) {
    if (!is_all_plain(copy<__m128i>(to + at, text.data() + at))) return false;
  }
  return is_all_plain(copy<__m128i>(to + last, text.data() + last));
}

__m128i repeated(std::int64_t word) noexcept {
  return _mm_set1_epi64x(word);
}
__m128i repeated(std::int32_t word) noexcept {
  return _mm_set1_epi32(word);
}

template <typename Word>
bool copy_words(char* to, std::string_view text) noexcept {
  const std::size_t last = text.size() - sizeof(Word);
  const auto begin = copy<Word>(to, text.data());
  const auto end = copy<Word>(to + last, text.data() + last);
  return is_all_plain(_mm_unpacklo_epi64(repeated(begin), repeated(end)));
}
#endif

// Nearly all text is plain, and then this is all there is to do.
bool copy_plain(char* to, std::string_view text) noexcept {
#ifdef __SSE2__
  if (text.size() >= sizeof(__m128i)) return copy_blocks(to, text);
  if (text.size() >= 8) return copy_words<std::int64_t>(to, text);
  if (text.size() >= 4) return copy_words<std::int32_t>(to, text);
#endif
  for (const char byte : text) {
    if (!is_plain(byte)) return false;
    *to++ = byte;
  }
  return true;
}

bool is_unsafe(char32_t value) noexcept {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0x61c ||
         (value >= 0x200e && value <= 0x200f) || (value >= 0x2028 && value <= 0x202e) ||
         (value >= 0x2066 && value <= 0x2069) || value == 0xfeff;
}

char* put_hexadecimal(char* to, char32_t value) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  to = put(to, "\\u");
  for (const int shift : {12, 8, 4, 0}) *to++ = digits[(value >> shift) & 15];
  return to;
}

char* put_special(char* to, std::string_view bytes, char32_t value) noexcept {
  switch (value) {
    case '"': return put(to, "\\\"");
    case '\\': return put(to, "\\\\");
    case '\n': return put(to, "\\n");
    case '\r': return put(to, "\\r");
    case '\t': return put(to, "\\t");
    default: return is_unsafe(value) ? put_hexadecimal(to, value) : put(to, bytes);
  }
}

// Apart, so that the usual way saves no registers for it.
[[gnu::noinline]] char* put_with_escapes(char* to, std::string_view text) noexcept {
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    to = put(to, text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;

    const CodePoint point = first_code_point(text);
    if (point.bytes == 0) {
      to = put(to, "\\ufffd");
      text.remove_prefix(1);
    } else {
      to = put_special(to, text.substr(0, point.bytes), point.value);
      text.remove_prefix(point.bytes);
    }
  }
  return to;
}

}  // namespace

char* put_json_escaped(char* to, std::string_view text) noexcept {
  return copy_plain(to, text) ? to + text.size() : put_with_escapes(to, text);
}

void append_json_escaped(std::string& out, std::string_view text) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(
      before + json_escaped_bytes_per_byte * text.size(),
      [&](char* memory, std::size_t) { return put_json_escaped(memory + before, text) - memory; });
}

}  // namespace relay
