#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/head.h"

// The heads of HTTP/1.1 messages (RFC 9112), read strictly: what two parsers could understand in
// two ways is refused, even where the standard allows to guess.
//
// Both functions start at the first byte of a message and return how many bytes its head takes,
// blank line included, or nullopt if it goes on: call again with more bytes from the same start.
// A fault is reported as soon as it can be seen, and whether a head is accepted never depends on
// how its bytes were cut. Reading starts over at each call: a caller that has to wait can save the
// call until the next line feed has come, or until the limit of the head is reached.
//
// `head` is written only when the head is complete. One that is used again needs no memory of its
// own once it has grown.
namespace relay::http {

// A CRLF before the request line is skipped and counted. Length and count of fields are bounded by
// limits::request_head_bytes_max, request_line_bytes_max and fields_max.
//
// A body of Framing::length may have length 0. Errors are the client's: invalid_request,
// target_too_long, head_too_large, request_too_large (a Content-Length beyond 64 bits),
// method_not_allowed, method_unknown, version_unsupported, expectation_failed.
[[nodiscard]] Result<std::optional<std::size_t>> parse_request_head(std::string_view bytes,
                                                                    RequestHead& head);

// `expects_no_body`: the answer to a HEAD request. Interim answers (1xx) are heads like others.
// Bounded by limits::response_head_bytes_max and fields_max. Every error is upstream_protocol; its
// detail says what is wrong.
[[nodiscard]] Result<std::optional<std::size_t>> parse_answer_head(std::string_view bytes,
                                                                   bool expects_no_body,
                                                                   AnswerHead& head);

}  // namespace relay::http
