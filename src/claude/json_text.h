#pragma once

#include <string>
#include <string_view>

namespace relay::claude {

// `text` as a JSON string with its quotes, on one line. Bytes that are not UTF-8 become "?".
[[nodiscard]] std::string quoted(std::string_view text);

// What a JSON string means whose text between the quotes is `raw`, in UTF-8. An escape that names
// half of a surrogate pair alone means U+FFFD.
// Requires: JsonReader has accepted `raw`.
[[nodiscard]] std::string unescaped(std::string_view raw);

}  // namespace relay::claude
