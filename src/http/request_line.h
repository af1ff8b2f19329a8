#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/fault.h"
#include "http/head.h"

namespace relay::http {

// The first line of a request (RFC 9112 section 3), as views of its bytes.
struct RequestLine {
  Method method = Method::get;
  std::string_view authority;  // Of a target in absolute-form; must be what Host says.
  std::string_view target;     // In origin-form, but for a missing "/" in absolute-form.
  std::size_t path_bytes = 0;  // Of the target.
  bool lacks_slash = false;    // "http://host?query": the path is "/".
  int minor_version = 1;
  std::size_t bytes = 0;  // With its CRLF.
};

// Reads the line at the front of `bytes`. nullopt: it goes on. Refuses what is no HTTP at the first
// byte that shows it. invalid_request, target_too_long, method_not_allowed (CONNECT, TRACE),
// method_unknown, version_unsupported.
[[nodiscard]] Parsed<std::optional<RequestLine>> read_request_line(std::string_view bytes) noexcept;

}  // namespace relay::http
