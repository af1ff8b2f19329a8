#include "app/metrics_page.h"

#include "http/authorization.h"

namespace relay::app {

bool MetricsPage::is_allowed(const http::RequestHead& head, const Address& peer) const {
  if (contains(allowed_, peer)) return true;
  return !token_.empty() && token_.matches(http::credentials_in(head.fields, "Bearer"));
}

Result<admin::Reply> MetricsPage::answer(const http::RequestHead& head, const Address& peer) {
  if (!is_allowed(head, peer)) {
    return std::unexpected(
        Error{.code = ErrorCode::forbidden,
              .origin = Origin::client,
              .message = "Metrics are not for this address. The operator lists scrapers in "
                         "metrics.allow or gives them metrics.token."});
  }
  admin::Reply reply{.head = {.status = 200}, .body = metrics_.text()};
  http::add_field(reply.head, "content-type", metrics_content_type);
  http::add_field(reply.head, "cache-control", "no-store");
  reply.head.length = reply.body.size();
  return reply;
}

}  // namespace relay::app
