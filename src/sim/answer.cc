#include "sim/answer.h"

#include <fmt/format.h>

#include "sim/json_text.h"

namespace relay::sim {

Answer error_answer(int status, std::string_view type, std::string_view message) {
  return json_answer(
      fmt::format(R"({{"type":"error","error":{{"type":{},"message":{}}},"request_id":null}})",
                  json_string(type.empty() ? error_type(status) : type), json_string(message)),
      status);
}

std::string_view error_type(int status) noexcept {
  switch (status) {
    case 401: return "authentication_error";
    case 402: return "billing_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 409: return "conflict_error";
    case 413: return "request_too_large";
    case 429: return "rate_limit_error";
    case 504: return "timeout_error";
    case 529: return "overloaded_error";
    default: return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

}  // namespace relay::sim
