#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/usage.h"

// An estimate of how many tokens a text is, for what the upstream did not get to say: a stream that
// was cut, and the input of a request not yet sent. No tokenizer of current Claude models is
// public; these are OpenAI's, as the npm package js-tiktoken implements them.
namespace relay::claude {

enum class Encoding : std::uint8_t { cl100k_base, o200k_base };

// What js-tiktoken 1.0.21 counts: getEncoding(encoding).encode(text, [], []).length. Special tokens
// such as <|endoftext|> are plain text. Bytes that are not UTF-8 count as U+FFFD, one for each
// maximal subpart (what JavaScript's TextDecoder makes of them, but a leading U+FEFF stays).
//
// A run of more than limits::token_piece_bytes_max bytes without a boundary is cut, and may then
// count a token more or less for each cut.
//
// Thread-safe. The first call for an encoding indexes its vocabulary in a few ms. Takes time
// proportional to the text, 0.01 µs (words) to 0.2 µs (one letter repeated) a byte: megabytes do
// not belong on an event loop.
core::TokenCount count_tokens(Encoding encoding, std::string_view text);

// The tokens themselves.
std::vector<std::uint32_t> encode(Encoding encoding, std::string_view text);

}  // namespace relay::claude
