#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace relay {

// Appends `text` as the inside of a JSON string, in a form that is also safe to show on a terminal:
// controls (C1 too), line separators and marks that change the direction of text are escaped,
// bytes that are not UTF-8 become U+FFFD.
void append_json_escaped(std::string& out, std::string_view text);

// The same, into memory that has room for it. Returns where the text ends.
inline constexpr std::size_t json_escaped_bytes_per_byte = 6;
char* put_json_escaped(char* to, std::string_view text) noexcept;

}  // namespace relay
