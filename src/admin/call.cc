#include "admin/call.h"

#include <algorithm>

namespace relay::admin {

Call command_call(http::Method method, std::string target, std::string body) {
  http::RequestHead head{.method = method, .target = std::move(target)};
  head.path_bytes = std::min(head.target.find('?'), head.target.size());
  return {.head = std::move(head), .body = std::move(body), .peer = {}};
}

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
  http::add_field(reply.head, "referrer-policy", "no-referrer");
  return reply;
}

core::AuditEntry audit_of(const Call& call, WallTime now, std::string_view action,
                          std::string_view object, std::string_view name) {
  return {.at = now,
          .actor = call.actor,
          .from = call.peer,
          .action = std::string{action},
          .object = std::string{object},
          .name = std::string{name}};
}

}  // namespace relay::admin
