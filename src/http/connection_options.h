#pragma once

#include <string_view>

#include "http/head.h"

namespace relay::http {

// True if the value of a Connection field names a field that no peer may take out of a message: it
// frames it, says who sends it, or how far that is to be believed.
[[nodiscard]] bool nominates_a_protected_field(std::string_view value) noexcept;

// True if `fields` has a Connection field that names `name`: the field is meant for this connection
// only (RFC 9110 section 7.6.1).
[[nodiscard]] bool is_nominated(const Fields& fields, std::string_view name) noexcept;

}  // namespace relay::http
