#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address_range.h"

// What the texts in a key's terms have to look like. Each gives the form in which it is kept, or
// nothing.
namespace relay::admin {

// Any text of a bounded length, without control characters and blanks at its ends.
std::optional<std::string> parse_tag(std::string_view text);

// "claude-opus-5-5", "claude-haiku-*".
std::optional<std::string> parse_model_glob(std::string_view text);

// "192.0.2.1", "10.0.0.0/8", "2001:db8::/32"; the bits beyond the prefix are cleared.
std::optional<AddressRange> parse_client_range(std::string_view text);

// "example.com", "example.com:8443", "*.example.com", "192.0.2.1"; in lower case. An
// internationalized name is written as browsers send it, "xn--...".
std::optional<std::string> parse_domain(std::string_view text);

// Letters, digits, "-" and "_", not more than limits::tier_name_bytes_max.
bool is_tier_name(std::string_view text) noexcept;
inline constexpr std::string_view tier_name_rule =
    "The name of a tier has letters, digits, - and _, at most 31 of them.";

}  // namespace relay::admin
