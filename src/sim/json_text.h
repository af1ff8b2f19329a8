#pragma once

#include <string>
#include <string_view>

namespace relay::sim {

// `text` as a JSON string, in its quotes. What is not UTF-8 is replaced.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace relay::sim
