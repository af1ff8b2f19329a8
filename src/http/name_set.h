#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/head.h"

namespace relay::http {

// A fixed set of field names, written in lower case. Looking one up compares it with the few that
// have its length, without regard to case.
template <std::size_t count>
class NameSet {
 public:
  template <typename... Names>
  explicit consteval NameSet(Names... names) : names_{names...} {
    std::ranges::sort(names_, {}, &std::string_view::size);
    for (const std::string_view name : names_) {
      for (std::size_t n = name.size() + 1; n < begins_.size(); ++n) ++begins_[n];
    }
  }

  [[nodiscard]] bool contains(std::string_view name) const noexcept {
    if (name.size() >= name_bytes_max) return false;
    for (std::size_t i = begins_[name.size()]; i < begins_[name.size() + 1]; ++i) {
      if (same_name(names_[i], name)) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t name_bytes_max = 40;

  std::array<std::string_view, count> names_;                 // By length.
  std::array<std::uint8_t, name_bytes_max + 1> begins_ = {};  // How many names are shorter.
};

template <typename... Names>
NameSet(Names...) -> NameSet<sizeof...(Names)>;

// A fixed set of beginnings of field names, written in lower case. Most names begin with a letter
// that none of these begins with.
template <std::size_t count>
class PrefixSet {
 public:
  template <typename... Prefixes>
  explicit consteval PrefixSet(Prefixes... prefixes) : prefixes_{prefixes...} {
    for (const std::string_view prefix : prefixes_) first_letters_ |= letter(prefix);
  }

  [[nodiscard]] bool begin(std::string_view name) const noexcept {
    if (name.empty() || (first_letters_ & letter(name)) == 0) return false;
    return std::ranges::any_of(prefixes_, [name](std::string_view prefix) {
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
