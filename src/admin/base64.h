#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relay::admin {

// RFC 4648: section 5 without padding, as JSON Web Tokens have it, and section 4 with padding, as
// HTTP Basic has it. Strict: what was not written so is none.
std::string base64url(std::string_view bytes);
std::optional<std::string> parse_base64url(std::string_view text);
std::string base64(std::string_view bytes);
std::optional<std::string> parse_base64(std::string_view text);

}  // namespace relay::admin
