#include "exchange/refuse.h"

#include "claude/error_body.h"

namespace relay::exchange {

Task<void> tell(http::ClientStream& client, const core::RequestId& id, const Error& error) {
  claude::ErrorResponse response = claude::error_response(error, id.view());
  response.head.length = response.body.size();
  client.begin(std::move(response.head));
  [[maybe_unused]] const Result<void> finished = co_await client.finish(response.body);
}

Task<void> refuse(Context& context, http::ClientStream& client, const core::RequestId& id,
                  const Error& error) {
  context.observer.refused(client, id, error);
  co_await tell(client, id, error);
}

}  // namespace relay::exchange
