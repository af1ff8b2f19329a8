#pragma once

#include <cstddef>
#include <string_view>

#include "claude/tokenizer.h"

namespace relay::claude {

// How many bytes the first piece of `text` has. No token spans two pieces. Pieces are what the
// encoding's regular expression matches one after the other; together they are the whole text.
//
// Written by hand, because a piece then costs time proportional to its length whatever the text.
// Requires: `text` is valid UTF-8 and not empty.
std::size_t first_piece_bytes(Encoding encoding, std::string_view text) noexcept;

}  // namespace relay::claude
