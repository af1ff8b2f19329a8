#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace relay {

// Text, written piece by piece into memory that has room for it: each call returns where the next
// one goes on. For what is written so often that looking for room at every piece would show.

inline char* put(char* to, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

// In decimal: up to 20 characters.
inline constexpr std::size_t decimal_chars_max = 20;
inline char* put_number(char* to, std::integral auto number) noexcept {
  using Unsigned = std::make_unsigned_t<decltype(number)>;
  if (static_cast<Unsigned>(number) < 10) {  // Many are.
    *to = static_cast<char>('0' + number);
    return to + 1;
  }
  return std::to_chars(to, to + decimal_chars_max, number).ptr;
}

// The last `digits` digits of `number`.
inline char* put_digits(char* to, unsigned number, int digits) noexcept {
  for (int i = digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
  return to + digits;
}

}  // namespace relay
