#pragma once

#include <string_view>

namespace relay::app {

std::string_view version();   // "0.1.0"
std::string_view commit();    // "1a2b3c4", or nothing when it was built elsewhere.
std::string_view compiler();  // "g++ 12.2.0"

}  // namespace relay::app
