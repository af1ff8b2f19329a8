#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/fault.h"
#include "http/head.h"

namespace relay::http {

// One line of a header or trailer section (RFC 9112 section 5).
struct FieldLine {
  FieldView field;        // Without a name: the blank line that ends the section.
  std::size_t bytes = 0;  // With its CRLF.
};

// Reads the line at the front of `bytes`. nullopt: it goes on. A fault is found as soon as it can
// be seen: no folding, no space before the colon, no line end but CRLF, no control byte but HTAB.
[[nodiscard]] Parsed<std::optional<FieldLine>> read_field_line(std::string_view bytes) noexcept;

}  // namespace relay::http
