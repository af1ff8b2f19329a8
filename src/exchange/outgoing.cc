#include "exchange/outgoing.h"

#include "http/forwarded.h"
#include "http/forwarding.h"

namespace relay::exchange {
namespace {

// Uploads keep the framing they came with; everything else was read whole and has a length.
http::BodyFraming framing_of(const Request& request, const http::RequestHead& head) {
  if (request.call.is_body_streamed) return head.body;
  if (head.body.kind == http::Framing::none) return {};
  return {.kind = http::Framing::length, .length = request.body.size()};
}

// What the relay has to read must not come compressed.
bool is_read_by_us(const claude::ApiCall& call) noexcept {
  return call.is_metered || call.endpoint == core::Endpoint::batches;
}

}  // namespace

http::UpstreamRequest outgoing_request(const UpstreamSettings& upstream, const Request& request,
                                       http::ClientStream& client, ForwardHeaders forward_headers,
                                       FrameText& head) {
  const http::RequestHead& asked = client.head();
  const http::BodyFraming framing = framing_of(request, asked);
  const http::UpstreamTarget target{.host = upstream.host,
                                    .base_path = upstream.base_path,
                                    .scheme = upstream.scheme,
                                    .credential = upstream.api_key,
                                    .wants_identity = is_read_by_us(request.call),
                                    .wants_whole = request.call.gives_results,
                                    .forward_headers = forward_headers};
  http::write_upstream_head(asked, target, framing, head);
  const bool is_streamed = request.call.is_body_streamed && asked.body.kind != http::Framing::none;
  return {.head = head,
          .body = request.body,
          .rest = is_streamed ? &client : nullptr,
          .is_chunked = is_streamed && framing.kind == http::Framing::chunked,
          .expects_no_body = asked.method == http::Method::head};
}

void write_incoming_head(const Settings& settings, const UpstreamSettings& upstream,
                         const http::AnswerHead& answer, const core::RequestId& id,
                         http::ResponseHead& head) {
  const http::AnswerPolicy policy{.ratelimit_fields = settings.ratelimit_fields,
                                  .upstream_host = upstream.host,
                                  .base_path = upstream.base_path,
                                  .credential = upstream.api_key};
  head.status = answer.status;
  head.fields.clear();
  http::append_answer_fields(answer, policy, head);
  http::add_field(head, "x-relay-request-id", id.view());
}

std::string own_origin(const Settings& settings, const http::ClientStream& client) {
  if (!settings.public_origin.empty()) return settings.public_origin;
  return http::public_origin(client.head().fields, client.is_proxied());
}

}  // namespace relay::exchange
