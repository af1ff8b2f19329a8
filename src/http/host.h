#pragma once

#include <string_view>

namespace relay::http {

// A name, an IPv4 address or a bracketed IPv6 address, and perhaps a port: the value of Host and
// the authority of a target (RFC 9110 section 7.2). Stricter than the grammar: not empty, no
// escapes, none of the sub-delims that name no host, no empty port.
[[nodiscard]] bool is_valid_host(std::string_view host) noexcept;

}  // namespace relay::http
