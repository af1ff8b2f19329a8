#include "exchange/refuse.h"

#include <string>
#include <utility>

#include "claude/error_body.h"
#include "exchange/limit_fields.h"

namespace relay::exchange {
namespace {

Task<void> finish(http::ClientStream& client, std::string body) {
  [[maybe_unused]] const Result<void> finished = co_await client.finish(body);
}

}  // namespace

Task<void> tell(http::ClientStream& client, const core::RequestId& id, const Error& error) {
  claude::ErrorResponse response = claude::error_response(error, id.view());
  client.begin(response.head);
  return finish(client, std::move(response.body));
}

Task<void> refuse(Context& context, http::ClientStream& client, const core::RequestId& id,
                  const Error& error, const KeyEntry* key) {
  context.observer.refused(client, id, error);
  claude::ErrorResponse response = claude::error_response(error, id.view());
  if (key != nullptr && context.settings.ratelimit_fields == RateLimitFields::own) {
    add_limit_fields(*key, context.calendar.zone(), context.clock, response.head);
  }
  client.begin(response.head);
  return finish(client, std::move(response.body));
}

}  // namespace relay::exchange
