#include "admin/openapi.h"

extern "C" const char relay_openapi_begin[], relay_openapi_end[];

namespace relay::admin {

std::string_view openapi_json() noexcept {
  return {relay_openapi_begin, relay_openapi_end};
}

Reply openapi_reply() {
  Reply reply{.head = {.status = 200}, .body = std::string{openapi_json()}};
  http::add_field(reply.head, "content-type", "application/json");
  http::add_field(reply.head, "cache-control", "public, max-age=300");
  http::add_field(reply.head, "x-content-type-options", "nosniff");
  reply.head.length = reply.body.size();
  return reply;
}

}  // namespace relay::admin
