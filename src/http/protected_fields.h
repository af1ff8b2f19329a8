#pragma once

#include <string_view>

namespace relay::http {

// True for fields that frame a message, say who sends it, or how far that is to be believed. They
// stand in the header section or nowhere: not in trailers, and no peer may have them taken out by
// naming them in Connection.
[[nodiscard]] bool is_protected_field(std::string_view name) noexcept;

}  // namespace relay::http
