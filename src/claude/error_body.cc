#include "claude/error_body.h"

#include <algorithm>
#include <string>

#include "base/limits.h"
#include "claude/json_text.h"

namespace relay::claude {
namespace {

using namespace std::string_view_literals;

// What a client is to do, as the SDKs understand it.
enum class Again : std::uint8_t {
  as_usual,  // The SDK decides by the status.
  never,     // x-should-retry: false. Without it Claude Code asks for minutes. True, if the Error
             // says after what time it helps.
  soon,      // retry-after, at least limits::retry_after_least.
};

struct Row {
  int status;
  std::string_view type;
  std::string_view message;  // For an Error that brings none: what a person can do about it.
  Again again = Again::as_usual;
};

constexpr auto invalid = "invalid_request_error"sv;

// The one place where our errors become HTTP. No `default`: with -Wswitch -Werror a new ErrorCode
// does not compile until it has a row here.
Row row(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_request:
      return {400, invalid, "The request is malformed. Check it against the API reference."};
    case ErrorCode::request_too_large:
      return {413, "request_too_large", "The request body is too large. Send less."};
    case ErrorCode::target_too_long:
      return {414, invalid, "The URL is too long. Shorten its query or move it into the body."};
    case ErrorCode::head_too_large:
      return {431, invalid, "The header fields are too large or too many. Send fewer."};
    case ErrorCode::request_timeout:
      return {408, invalid, "The rest of the request did not arrive in time. Send it again."};
    case ErrorCode::method_not_allowed:
      return {405, invalid, "This path does not take this method. Check the API reference."};
    case ErrorCode::method_unknown:
      return {501, invalid, "This method or transfer coding is not supported. Use another.",
              Again::never};
    case ErrorCode::version_unsupported:
      return {505, invalid, "This version of HTTP is not supported. Use HTTP/1.1.", Again::never};
    case ErrorCode::expectation_failed:
      return {417, invalid, "Only Expect: 100-continue is supported. Leave the field out."};
    case ErrorCode::encoding_unsupported:
      return {415, invalid,
              "This content encoding is not supported. Use gzip, deflate, br, zstd or none."};
    case ErrorCode::unauthenticated:
      return {401, "authentication_error",
              "The API key is missing or not valid. Check it, or ask your administrator for one.",
              Again::never};
    case ErrorCode::forbidden:
      return {403, "permission_error",
              "This API key may not do this. Ask your administrator for access.", Again::never};
    case ErrorCode::not_found:
      return {404, "not_found_error", "There is nothing here. Check the path."};
    case ErrorCode::conflict:
      return {409, "conflict_error", "This already exists. Choose another name."};
    case ErrorCode::rate_limited:
      return {429, "rate_limit_error", "Too many requests with this API key. Slow down.",
              Again::soon};
    case ErrorCode::limit_exhausted:
      return {402, "billing_error",
              "The limit of this API key is used up. Ask your administrator for a higher one.",
              Again::never};
    case ErrorCode::upstream_unavailable:
      return {502, "api_error", "The upstream API cannot be reached. Try again in a moment."};
    case ErrorCode::upstream_timeout:  // May have been billed: a person decides to try again.
      return {504, "timeout_error", "The upstream API did not answer in time. Try streaming.",
              Again::never};
    case ErrorCode::upstream_protocol:
      return {502, "api_error",
              "The upstream API broke off or gave an unusable answer. Try again."};
    case ErrorCode::upstream_overloaded:
      return {529, "overloaded_error", "The upstream API is overloaded. Try again in a moment."};
    case ErrorCode::upstream_refused_credential:  // Ours. A 401 would blame the client for it.
      return {502, "api_error",
              "The upstream API refused the relay's own credential. Tell your administrator.",
              Again::never};
    case ErrorCode::client_gone:  // For the log; nobody reads it.
      return {499, "api_error", "The client closed the connection."};
    case ErrorCode::overloaded:
      return {503, "overloaded_error", "The relay is at its limit. Try again in a moment.",
              Again::soon};
    case ErrorCode::store_unavailable:
      return {503, "overloaded_error",
              "The relay cannot record requests now. Try again in a moment.", Again::soon};
    case ErrorCode::internal:
      return {500, "api_error",
              "The relay made a mistake. If it stays, tell your administrator the request id."};
  }
  __builtin_unreachable();
}

std::string body_of(const Error& error, const Row& row, std::string_view request_id) {
  const std::string_view message = error.message.empty() ? row.message : error.message;
  std::string body = R"({"type":"error","error":{"type":)";
  body += quoted(row.type);
  body += R"(,"message":)";
  body += quoted(message);
  body += R"(},"request_id":)";
  body += request_id.empty() ? "null" : quoted(request_id);
  return body += '}';
}

void add_retry_fields(http::ResponseHead& head, const Error& error, Again again) {
  auto wait = error.retry_after;
  if (again == Again::soon) wait = std::max(wait, std::chrono::seconds{limits::retry_after_least});
  const bool helps_later = wait.count() > 0;
  if (again == Again::never) {
    http::add_field(head, "x-should-retry", helps_later ? "true" : "false");
  }
  if (wait.count() > 0) http::add_field(head, "retry-after", std::to_string(wait.count()));
}

}  // namespace

int http_status(ErrorCode code) noexcept {
  return row(code).status;
}

std::string_view error_type(ErrorCode code) noexcept {
  return row(code).type;
}

ErrorResponse error_response(const Error& error, std::string_view request_id) {
  const Row row = claude::row(error.code);
  ErrorResponse response{.head = {.status = row.status}, .body = body_of(error, row, request_id)};
  response.head.length = response.body.size();
  http::add_field(response.head, "content-type", "application/json");
  if (!request_id.empty()) http::add_field(response.head, "request-id", request_id);
  if (!error.allow.empty()) http::add_field(response.head, "allow", error.allow);
  add_retry_fields(response.head, error, row.again);
  return response;
}

std::string error_event(const Error& error, std::string_view request_id) {
  return "event: error\ndata: " + body_of(error, row(error.code), request_id) + "\n\n";
}

}  // namespace relay::claude
