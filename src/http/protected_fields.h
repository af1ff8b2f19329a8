#pragma once

#include "http/field_name.h"

namespace relay::http {

// True for fields that frame a message, say who sends it, or how far that is to be believed. They
// stand in the header section or nowhere: not in trailers, and no peer may have them taken out by
// naming them in Connection.
[[nodiscard]] bool is_protected_field(FieldName name) noexcept;

}  // namespace relay::http
