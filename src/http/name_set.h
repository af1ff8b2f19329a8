#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/characters.h"
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

// `prefixes` are in lower case. Their last bytes tell them apart sooner than their first.
template <std::size_t count>
[[nodiscard]] bool begins_with_any(const std::array<std::string_view, count>& prefixes,
                                   std::string_view name) noexcept {
  return std::ranges::any_of(prefixes, [name](std::string_view prefix) {
    const std::size_t n = prefix.size();
    return name.size() >= n && to_lower(name[n - 1]) == prefix[n - 1] &&
           same_letters(prefix, name.substr(0, n));
  });
}

}  // namespace relay::http
