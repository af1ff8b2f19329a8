#include "http/fault.h"

namespace relay::http {
namespace {

constexpr std::string_view known_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

}  // namespace

Error to_error(const Fault& fault, Origin origin) {
  if (origin == Origin::client) {
    const bool is_method = fault.code == ErrorCode::method_not_allowed;
    return {.code = fault.code,
            .origin = origin,
            .message = std::string{fault.message},
            .allow = is_method ? known_methods : std::string_view{}};
  }
  return {.code = ErrorCode::upstream_protocol,
          .origin = origin,
          .message = "the upstream's answer could not be understood",
          .detail = std::string{fault.message}};
}

}  // namespace relay::http
