#include "admin/call.h"

namespace relay::admin {

Reply json_reply(int status, std::string body) {
  Reply reply{.head = {.status = status}, .body = std::move(body)};
  http::add_field(reply.head, "content-type", "application/json");
  http::add_field(reply.head, "cache-control", "no-store");
  http::add_field(reply.head, "x-content-type-options", "nosniff");
  http::add_field(reply.head, "referrer-policy", "no-referrer");
  reply.head.length = reply.body.size();
  return reply;
}

Reply empty_reply() {
  Reply reply{.head = {.status = 204}};
  http::add_field(reply.head, "cache-control", "no-store");
  return reply;
}

}  // namespace relay::admin
