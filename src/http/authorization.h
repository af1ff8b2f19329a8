#pragma once

#include <string_view>

#include "http/head.h"

namespace relay::http {

// What an Authorization field shows by this scheme: TOKEN of "Bearer TOKEN", and a space before it
// if there are two. Schemes are compared without regard to case (RFC 9110 section 11.1). Empty: the
// field is of another scheme, or shows nothing. The view is into `value`.
[[nodiscard]] std::string_view credentials_in(std::string_view value,
                                              std::string_view scheme) noexcept;

// The same of the one Authorization field of a message. Empty, too, if there are several.
[[nodiscard]] std::string_view credentials_in(const Fields& fields,
                                              std::string_view scheme) noexcept;

}  // namespace relay::http
