#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "http/field_name.h"
#include "http/head.h"

namespace relay::http {

// A fixed set of known names. One that known_field_names does not have is an error of the compiler.
class NameSet {
 public:
  template <typename... Names>
  explicit consteval NameSet(const Names&... names) {
    (add(names), ...);
  }

  [[nodiscard]] constexpr bool contains(FieldId id) const noexcept { return ids_.contains(id); }

 private:
  consteval void add(FieldName name) {
    if (!name.is_known()) throw "not in known_field_names";
    ids_.add(name.id());
  }

  FieldIds ids_;
};

// A fixed set of beginnings of field names, written in lower case. Most names begin with a letter
// that none of these begins with.
template <std::size_t count>
class PrefixSet {
 public:
  template <typename... Prefixes>
  explicit consteval PrefixSet(Prefixes... prefixes) : prefixes_{prefixes...} {
    for (const std::string_view prefix : prefixes_) first_letters_ |= letter(prefix);
  }

  [[nodiscard]] constexpr bool begin(std::string_view name) const noexcept {
    if (name.empty() || (first_letters_ & letter(name)) == 0) return false;
    return std::ranges::any_of(prefixes_, [name](std::string_view prefix) {
      if (std::is_constant_evaluated()) return name.starts_with(prefix);
      return same_name(prefix, name.substr(0, prefix.size()));
    });
  }

 private:
  // Of the letters, each has a bit of its own, in lower and in upper case.
  static constexpr std::uint32_t letter(std::string_view name) noexcept {
    return std::uint32_t{1} << (static_cast<unsigned char>(name.front()) & 31);
  }

  std::array<std::string_view, count> prefixes_;
  std::uint32_t first_letters_ = 0;
};

template <typename... Prefixes>
PrefixSet(Prefixes...) -> PrefixSet<sizeof...(Prefixes)>;

}  // namespace relay::http
