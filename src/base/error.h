#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace relay {

// What went wrong, in the words of our own API. The set is closed: switches over it have no
// `default`, so a new code does not compile until every boundary has decided what it means.
enum class ErrorCode : std::uint8_t {
  invalid_request,       // We will not forward this.
  request_too_large,     // We will not even read this.
  target_too_long,       // The request line.
  head_too_large,        // The header block, or too many fields.
  request_timeout,       // The rest of the request did not come.
  method_not_allowed,    // A method we know, in the wrong place.
  method_unknown,        // A method, or a transfer coding, that we do not implement.
  version_unsupported,   // Not HTTP/1.0 or 1.1.
  expectation_failed,    // An Expect other than 100-continue.
  encoding_unsupported,  // A content coding that we cannot look into.
  unauthenticated,       // No key, or a key we do not know.
  forbidden,             // A known key that may not do this.
  not_found,
  conflict,
  rate_limited,                 // Too fast: later will work.
  limit_exhausted,              // Nothing left: later will not.
  upstream_unavailable,         // No answer.
  upstream_timeout,             // No answer in time.
  upstream_overloaded,          // It began an answer only to say so: the API's 529.
  upstream_protocol,            // An answer we cannot make sense of.
  upstream_refused_credential,  // Our credential, so not the client's fault.
  client_gone,
  overloaded,  // We are full, or on our way down: later, or elsewhere, will work.
  store_unavailable,
  internal,  // Ours. The client learns nothing more than that.
};

// Who could do something about it. Drives the log level and the metric label, nothing else.
enum class Origin : std::uint8_t { client, relay, upstream, store };

// Whether this exchange may be tried again. Only forward() reads it, and only while nothing has
// been sent to the client.
enum class Retry : std::uint8_t { never, same_upstream, other_upstream };

// A failure on its way to a boundary. Created where it happens, classified there, never re-guessed
// further up.
struct Error {
  ErrorCode code;
  Origin origin;
  Retry retry = Retry::never;
  std::string message = {};               // For the client: no secrets, no paths, no SQL.
  std::string detail = {};                // For the log.
  std::chrono::seconds retry_after = {};  // For the client, when later will work.
  std::string_view allow = {};  // Of method_not_allowed: what is, as "GET, HEAD". A constant.

  // Of a request that was not admitted: a word for the metrics, where the code does not say it all.
  // A constant.
  std::string_view reason = {};
};

}  // namespace relay
