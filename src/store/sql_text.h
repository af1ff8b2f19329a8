#pragma once

#include <array>
#include <cstddef>

namespace relay::store {

// A text of SQL that is written in our source: nothing else converts to it, so that what comes from
// outside cannot become SQL.
class SqlText {
 public:
  consteval SqlText(const char* literal) noexcept : text_{literal} {}  // NOLINT
  template <std::size_t N>
  consteval SqlText(const std::array<char, N>& joined) noexcept : text_{joined.data()} {}  // NOLINT
  [[nodiscard]] constexpr const char* get() const noexcept { return text_; }

 private:
  const char* text_;
};

// One text made of several, for what statements have in common. Parts are literals and texts made
// like this one. Keep it in a constexpr variable of a namespace.
template <typename... Parts>
consteval auto joined(const Parts&... parts) {
  std::array<char, (sizeof(Parts) + ...) - sizeof...(Parts) + 1> text = {};
  std::size_t at = 0;
  const auto append = [&](const auto& part) {
    for (std::size_t i = 0; i + 1 < sizeof(part); ++i) text[at++] = part[i];
  };
  (append(parts), ...);
  return text;
}

}  // namespace relay::store
