#include "app/send_reply.h"

#include <utility>

#include "claude/error_body.h"

namespace relay::app {

net::Refusal refusal_of(const Error& error, WallTime now) {
  claude::ErrorResponse response = claude::error_response(error, core::new_request_id(now).view());
  response.head.length = response.body.size();
  return {.head = std::move(response.head), .body = std::move(response.body)};
}

Task<void> send_reply(http::ClientStream& client, Result<admin::Reply> reply, WallTime now) {
  if (!reply) {
    net::Refusal refusal = refusal_of(reply.error(), now);
    reply = admin::Reply{.head = std::move(refusal.head), .body = std::move(refusal.body)};
  }
  client.begin(reply->head);
  [[maybe_unused]] const Result<void> finished = co_await client.finish(reply->body);
}

}  // namespace relay::app
