#pragma once

#include <array>
#include <cstdint>

// Which bytes may stand where in JSON (RFC 8259).
namespace relay::claude {

// The classes a byte can belong to. A byte may be in several.
enum class JsonClass : std::uint8_t {
  blank = 1,
  scalar = 2,  // In a number, true, false or null.
  digit = 4,
  hex_digit = 8,
  short_escape = 16,  // After a backslash, complete with it.
  special = 32,       // In a string: ends it, begins an escape, or may not stand there.
  behind_value = 64,  // Where a number or a word is over.
};

namespace detail {

constexpr std::array<std::uint8_t, 256> make_json_classes() {
  std::array<std::uint8_t, 256> classes = {};
  const auto add = [&](const char* bytes, JsonClass of) {
    for (; *bytes != '\0'; ++bytes) {
      classes[static_cast<std::uint8_t>(*bytes)] |= static_cast<std::uint8_t>(of);
    }
  };
  add(" \n\r\t", JsonClass::blank);
  add("abcdefghijklmnopqrstuvwxyz0123456789-+.E", JsonClass::scalar);
  add("0123456789", JsonClass::digit);
  add("0123456789abcdefABCDEF", JsonClass::hex_digit);
  add("n\"\\/trbf", JsonClass::short_escape);
  add("\"\\", JsonClass::special);
  add(",}] \n\r\t", JsonClass::behind_value);
  for (std::size_t c = 0; c < 0x20; ++c) {
    classes[c] |= static_cast<std::uint8_t>(JsonClass::special);
  }
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> json_classes = make_json_classes();

}  // namespace detail

[[nodiscard]] constexpr bool is_in(JsonClass of, char c) noexcept {
  return (detail::json_classes[static_cast<std::uint8_t>(c)] & static_cast<std::uint8_t>(of)) != 0;
}

[[nodiscard]] constexpr const char* skip(JsonClass of, const char* at, const char* end) noexcept {
  while (at != end && is_in(of, *at)) ++at;
  return at;
}

}  // namespace relay::claude
