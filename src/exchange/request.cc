#include "exchange/request.h"

#include <algorithm>
#include <functional>

#include "claude/model_family.h"
#include "exchange/context.h"
#include "http/target.h"

namespace relay::exchange {
namespace {

Error not_forwarded() {
  return {.code = ErrorCode::not_found,
          .origin = Origin::client,
          .message =
              "This relay does not forward this path. Its operator decides which ones it "
              "does."};
}

Error no_upstream() {
  return {.code = ErrorCode::upstream_unavailable,
          .origin = Origin::relay,
          .message = "This relay has no upstream yet. Its operator has to set UPSTREAM_API_KEY."};
}

// Decisions 8 and 9: which paths are forwarded at all.
Result<void> check_route(const Settings& settings, const http::RequestHead& head,
                         const claude::ApiCall& call) {
  const Result<void> sound = http::check_path(head.path());
  if (!sound) return sound;
  const bool is_forwarded = (call.is_core || !settings.forwards_core_paths_only) &&
                            (!call.is_organization || settings.forwards_organization_paths);
  if (!is_forwarded) return std::unexpected(not_forwarded());
  if (settings.upstreams.empty()) return std::unexpected(no_upstream());
  return {};
}

std::size_t body_bytes_max(const Settings& settings, const claude::ApiCall& call) {
  switch (call.endpoint) {
    case core::Endpoint::batches: return settings.batch_body_bytes_max;
    case core::Endpoint::files: return settings.file_body_bytes_max;
    case core::Endpoint::messages:
    case core::Endpoint::count_tokens:
    case core::Endpoint::chat_completions:
    case core::Endpoint::models:
    case core::Endpoint::other:
    case core::Endpoint::advisor: return settings.request_body_bytes_max;
  }
  return settings.request_body_bytes_max;
}

// One conversation goes where its cache is: by its session, else its user, else what it caches.
std::uint64_t affinity_of(const http::RequestHead& head, const claude::RequestPeek& peek) {
  const std::hash<std::string_view> hash;
  if (const auto session = head.fields.find("x-claude-code-session-id")) return hash(*session);
  return peek.user_hash != 0 ? peek.user_hash : peek.prefix_hash;
}

}  // namespace

// Three steps: who asks, which was found out before; for what; and all that follows.
Task<Result<std::unique_ptr<Request>>> read_request(Context& context, http::ClientStream& client) {
  Cohort::Step others{context.cohort};
  co_await others;

  const Settings& settings = context.settings;
  const http::RequestHead& head = client.head();
  auto request =
      std::make_unique<Request>(Request{.call = claude::api_call(head.method, head.path())});
  const Result<void> routed = check_route(settings, head, request->call);
  if (!routed) co_return std::unexpected(routed.error());

  const std::size_t bytes_max = body_bytes_max(settings, request->call);
  if (request->call.is_body_streamed) {
    const bool is_too_large = head.body.length > bytes_max;
    if (is_too_large) {
      co_return std::unexpected(
          Error{.code = ErrorCode::request_too_large,
                .origin = Origin::client,
                .message = "The request body is larger than this path takes."});
    }
    client.limit_body(bytes_max);
    co_return std::move(request);
  }

  const Result<std::string_view> body = co_await client.read_body(bytes_max);
  if (!body) co_return std::unexpected(body.error());
  request->body = *body;
  if (!request->call.is_peeked) co_return std::move(request);

  const std::string_view coding = head.fields.find("content-encoding").value_or("identity");
  Result<claude::RequestPeek> peek = claude::peek_encoded(coding, *body);
  if (!peek) co_return std::unexpected(peek.error());
  request->peek = std::move(*peek);
  request->preference = {.affinity = affinity_of(head, request->peek),
                         .family = static_cast<Family>(claude::family_of(request->peek.model))};
  co_await others;
  co_return std::move(request);
}

}  // namespace relay::exchange
