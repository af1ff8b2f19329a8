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
T load(const char* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// All bytes of a text of 4 to 16, some of them more than once.
__m128i load_short(std::string_view text) noexcept {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (text.size() >= 8)
    return _mm_set_epi64x(load<std::int64_t>(begin), load<std::int64_t>(end - 8));
  const auto first = load<std::int32_t>(begin);
  const auto last = load<std::int32_t>(end - 4);
  return _mm_set_epi32(first, first, last, last);
}
#endif

// Nearly all text is, and then it is one copy.
bool is_all_plain(std::string_view text) noexcept {
#ifdef __SSE2__
  constexpr std::size_t step = 16;
  if (text.size() > step) {
    const char* const last = text.data() + text.size() - step;  // Some are looked at twice.
    for (const char* at = text.data(); at < last; at += step) {
      if (!is_all_plain(load<__m128i>(at))) return false;
    }
    return is_all_plain(load<__m128i>(last));
  }
  if (text.size() >= 4) return is_all_plain(load_short(text));
#endif
  return std::ranges::all_of(text, [](char byte) { return is_plain(byte); });
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

char* put_with_escapes(char* to, std::string_view text) noexcept {
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
  return is_all_plain(text) ? put(to, text) : put_with_escapes(to, text);
}

void append_json_escaped(std::string& out, std::string_view text) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(
      before + json_escaped_bytes_per_byte * text.size(),
      [&](char* memory, std::size_t) { return put_json_escaped(memory + before, text) - memory; });
}

}  // namespace relay
