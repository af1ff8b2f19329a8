#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// Which bytes may stand where in HTTP/1.1.
namespace relay::http {

// The classes a byte can belong to. A byte may be in several.
enum class CharClass : std::uint8_t {
  token = 1,       // tchar, RFC 9110 section 5.6.2: names of methods and fields.
  field_text = 2,  // In field values and reason phrases: visible, SP, HTAB, obs-text.
  path = 4,        // pchar without "%", and "/", RFC 3986 section 3.3.
  query = 8,       // As path, "?", and what browsers do not escape in a query: ^ ` { | } [ ].
  host = 16,       // In a registered name or IPv4 address, as far as anyone uses them.
};

namespace detail {

constexpr std::array<std::uint8_t, 256> make_char_classes() {
  constexpr std::string_view letters_and_digits =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::array<std::uint8_t, 256> classes = {};
  const auto add = [&](std::string_view bytes, CharClass of) {
    for (const char c : bytes) {
      classes[static_cast<std::uint8_t>(c)] |= static_cast<std::uint8_t>(of);
    }
  };
  add(letters_and_digits, CharClass::token);
  add("!#$%&'*+-.^_`|~", CharClass::token);
  for (std::size_t c = 0; c < 256; ++c) {
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) {
      classes[c] |= static_cast<std::uint8_t>(CharClass::field_text);
    }
  }
  for (const CharClass of : {CharClass::path, CharClass::query}) {
    add(letters_and_digits, of);
    add("-._~!$&'()*+,;=:@/", of);
  }
  add("?^`{|}[]", CharClass::query);
  add(letters_and_digits, CharClass::host);
  add("-._~", CharClass::host);
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> char_classes = make_char_classes();

}  // namespace detail

[[nodiscard]] constexpr bool is_in(CharClass of, char c) noexcept {
  return (detail::char_classes[static_cast<std::uint8_t>(c)] & static_cast<std::uint8_t>(of)) != 0;
}

// How many bytes at the front of `bytes` are in the class.
[[nodiscard]] constexpr std::size_t run_of(CharClass of, std::string_view bytes) noexcept {
  std::size_t n = 0;
  while (n < bytes.size() && is_in(of, bytes[n])) ++n;
  return n;
}

[[nodiscard]] constexpr bool is_all(CharClass of, std::string_view bytes) noexcept {
  return run_of(of, bytes) == bytes.size();
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// The value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Of ASCII letters; every other byte is itself.
[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Without the spaces and tabs around it.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace relay::http
