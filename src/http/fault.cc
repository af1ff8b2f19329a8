#include "http/fault.h"

namespace relay::http {

Error to_error(const Fault& fault, Origin origin) {
  if (origin == Origin::client) {
    return {.code = fault.code, .origin = origin, .message = std::string{fault.message}};
  }
  return {.code = ErrorCode::upstream_protocol,
          .origin = origin,
          .message = "the upstream's answer could not be understood",
          .detail = std::string{fault.message}};
}

}  // namespace relay::http
