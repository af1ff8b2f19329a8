#include "claude/json_text.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>

namespace relay::claude {
namespace {

constexpr std::size_t hex_digits = 4;
constexpr char32_t replacement = 0xFFFD;

constexpr bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
constexpr bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

char32_t hex_value(char digit) noexcept {
  if (digit <= '9') return static_cast<char32_t>(digit - '0');
  return static_cast<char32_t>((digit | 0x20) - 'a' + 10);
}

// Takes the four digits after "\u".
char32_t take_unit(std::string_view& raw) noexcept {
  char32_t unit = 0;
  for (const char digit : raw.substr(0, hex_digits)) unit = unit * 16 + hex_value(digit);
  raw.remove_prefix(std::min(hex_digits, raw.size()));
  return unit;
}

char32_t take_code_point(std::string_view& raw) noexcept {
  const char32_t unit = take_unit(raw);
  if (is_low_surrogate(unit)) return replacement;
  if (!is_high_surrogate(unit)) return unit;
  if (!raw.starts_with("\\u")) return replacement;
  std::string_view rest = raw.substr(2);
  const char32_t low = take_unit(rest);
  if (!is_low_surrogate(low)) return replacement;
  raw = rest;
  return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

void append_utf8(std::string& text, char32_t point) {
  const auto tail = [point](int shift) {
    return static_cast<char>(0x80 | ((point >> shift) & 0x3F));
  };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += {static_cast<char>(0xC0 | (point >> 6)), tail(0)};
  } else if (point < 0x10000) {
    text += {static_cast<char>(0xE0 | (point >> 12)), tail(6), tail(0)};
  } else {
    text += {static_cast<char>(0xF0 | (point >> 18)), tail(12), tail(6), tail(0)};
  }
}

char short_escape(char letter) noexcept {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;  // A quote, a slash or a backslash stands for itself.
  }
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  const bool is_utf8 = simdjson::validate_utf8(text.data(), text.size());
  std::string json = "\"";
  json.reserve(text.size() + 2);
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F) {
      json += "\\u00";
      json += {hex[byte >> 4], hex[byte & 15]};
    } else if (byte >= 0x80 && !is_utf8) {
      json += '?';
    } else {
      if (c == '"' || c == '\\') json += '\\';
      json += c;
    }
  }
  return json += '"';
}

std::string unescaped(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    text.append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    if (raw.size() < 2) break;
    const char letter = raw[1];
    raw.remove_prefix(2);
    if (letter == 'u') {
      append_utf8(text, take_code_point(raw));
    } else {
      text += short_escape(letter);
    }
  }
  return text;
}

}  // namespace relay::claude
