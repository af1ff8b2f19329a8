#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/frame_text.h"
#include "base/result.h"
#include "core/usage.h"

namespace relay::claude {

// What the relay needs to know of a request before it forwards it unchanged. Missing members are
// the upstream's to complain about.
struct RequestPeek {
  FrameText model;
  std::optional<core::TokenCount> max_tokens;  // The larger one, if max_completion_tokens is there.
  bool is_stream = false;
  std::uint64_t user_hash = 0;    // Of metadata.user_id, if any: in Claude Code, one per session.
  std::uint64_t prefix_hash = 0;  // Of `tools` and `system`, what a prompt cache starts with.
  std::size_t body_bytes = 0;     // Of the JSON text, decoded.
};

// Of the body of a POST to /v1/messages, /v1/messages/count_tokens or /v1/chat/completions.
//
// invalid_request: not one JSON object in UTF-8 nested at most limits::json_depth_max deep; a
// member that we act upon is there twice, also under escapes, or is not of its type and range.
// Nothing else is looked at: the upstream knows better.
[[nodiscard]] Result<RequestPeek> peek(std::string_view body);

// The same of a body that was sent under `content_encoding`, by way of a decoded copy that is gone
// on return.
//
// encoding_unsupported: a coding we do not know, or more than one. request_too_large: beyond
// limits::decoded_bytes_max or limits::decoded_ratio_max. invalid_request: not what it says it is.
[[nodiscard]] Result<RequestPeek> peek_encoded(std::string_view content_encoding,
                                               std::string_view body);

}  // namespace relay::claude
