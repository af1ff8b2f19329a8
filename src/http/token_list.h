#pragma once

#include <string_view>

#include "http/characters.h"
#include "http/head.h"

namespace relay::http {

// Calls `visit` with each element of a comma-separated list (RFC 9110 section 5.6.1), without the
// space around it, until one call returns false. Empty elements are skipped. False if it was cut
// short.
template <typename Visit>
bool for_each_element(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trimmed(list.substr(0, comma));
    if (!element.empty() && !visit(element)) return false;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return true;
}

// True if one of the elements is `token`, without regard to case.
[[nodiscard]] inline bool list_has(std::string_view list, std::string_view token) {
  return !for_each_element(list, [token](std::string_view e) { return !same_name(e, token); });
}

}  // namespace relay::http
