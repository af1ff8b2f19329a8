#pragma once

#include <expected>
#include <string_view>

#include "base/error.h"

namespace relay::http {

// What is wrong with the bytes of a message, before it is known whose bytes they are. Trivially
// copyable: the parsers pass it around and make an Error of it once, at their end.
struct Fault {
  ErrorCode code = ErrorCode::invalid_request;
  std::string_view message;  // A constant: a sentence a person understands.
};

template <typename T>
using Parsed = std::expected<T, Fault>;

[[nodiscard]] inline std::unexpected<Fault> malformed(std::string_view message) noexcept {
  return std::unexpected(Fault{ErrorCode::invalid_request, message});
}

// A fault of a client is told to the client. One of an upstream is told to the log only: always
// upstream_protocol.
[[nodiscard]] Error to_error(const Fault& fault, Origin origin);

}  // namespace relay::http
