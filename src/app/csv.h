#pragma once

#include <string>
#include <string_view>

namespace relay::app {

// A field of RFC 4180 for a text that a stranger may have chosen. Whatever a terminal would obey is
// escaped as append_json_escaped() does, and an apostrophe stands before what a spreadsheet would
// take for a formula.
std::string csv_text(std::string_view text);

}  // namespace relay::app
