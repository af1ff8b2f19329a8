#pragma once

#include <string_view>

#include "core/usage.h"

namespace relay::claude {

// How many tokens the upstream is likely to have read of a request, for an exchange whose count
// never came: a client that left before the first event, an upstream that does not report.
//
// The strings of the JSON text count; limits::estimate_question_sample_bytes of them are tokenized
// and the rest is taken to be alike. Base64 is not text: it counts as the image or the document
// that it is. What is not JSON, an encoded body for one, counts a token for every four bytes.
//
// Well under 1 ms, whatever the body. Thread-safe.
[[nodiscard]] core::TokenCount estimate_input(std::string_view body);

}  // namespace relay::claude
