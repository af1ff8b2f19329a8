#pragma once

#include <span>
#include <string>
#include <string_view>

namespace relay::app {

// The one of `known` that somebody who wrote `word` is likely to have meant: "; did you mean 'x'?".
// Empty if there is none.
std::string suggestion(std::string_view word, std::span<const std::string> known);

}  // namespace relay::app
