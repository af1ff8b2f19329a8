#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/ports.h"

namespace relay::claude {

// What a client sees of an Error: a response in the shape of the Messages API, so that its SDK
// raises the exception it knows, and retries only where that helps. `detail` is never shown.
struct ErrorResponse {
  http::ResponseHead head;
  std::string body;
};

// `request_id` goes into the body and into the field request-id. It must be our own name for the
// request, never what a client sent.
[[nodiscard]] ErrorResponse error_response(const Error& error, std::string_view request_id);

// The same for a client whose answer has already begun: the last event of its stream.
[[nodiscard]] std::string error_event(const Error& error, std::string_view request_id = {});

// The status alone, for the access log.
[[nodiscard]] int http_status(ErrorCode code) noexcept;

// What the Messages API calls this kind of error: error.type in the body.
[[nodiscard]] std::string_view error_type(ErrorCode code) noexcept;

}  // namespace relay::claude
