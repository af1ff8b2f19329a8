#pragma once

#include <cstdint>
#include <string_view>

#include "claude/json_scan.h"

namespace relay::claude {

// The objects and arrays that are open at a place in a JSON text.
struct OpenContainers {
  std::uint64_t kinds = 0;  // Innermost in the lowest bit; 1 is an object.
  int depth = 0;            // How many there are.
};

// From behind the bracket that opened the innermost container to behind the one that closes it.
// Null if it is not all there, is not JSON or is nested beyond limits::json_depth_max: who wants to
// know has to read it with JsonReader, which accepts the same, and costs several times as much. The
// same with every scanner, and without one.
[[nodiscard]] const char* skip_container(const char* at, const char* end, OpenContainers open,
                                         const JsonScanner* scanner = json_scanner()) noexcept;

// A number as RFC 8259 has them.
[[nodiscard]] bool is_json_number(std::string_view text) noexcept;

}  // namespace relay::claude
