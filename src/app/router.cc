#include "app/router.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "admin/openapi.h"
#include "app/paths.h"
#include "app/send_reply.h"
#include "exchange/authenticate.h"
#include "exchange/restrictions.h"

namespace relay::app {
namespace {

using admin::Reply;

Error not_there() {
  return {.code = ErrorCode::not_found,
          .origin = Origin::client,
          .message = "There is nothing at this path."};
}

Error read_only() {
  return {.code = ErrorCode::method_not_allowed,
          .origin = Origin::client,
          .message = "This path takes GET and HEAD only.",
          .allow = "GET, HEAD"};
}

Error not_for_this_address() {
  return {.code = ErrorCode::forbidden,
          .origin = Origin::client,
          .message =
              "The admin API is not for this address. The operator lists those it is for in "
              "admin.allow."};
}

bool is_admin_address(const std::vector<AddressRange>& allowed, const Address& peer) {
  return allowed.empty() || contains(allowed, peer);
}

bool is_failed_login(const http::RequestHead& head, const Result<Reply>& reply) {
  const bool shows_credential = head.fields.find("authorization").has_value();
  return shows_credential && !reply && reply.error().code == ErrorCode::unauthenticated;
}

Error with_remedy(Error error, std::size_t bytes_max) {
  if (error.code != ErrorCode::request_too_large) return error;
  const bool is_for_prices = bytes_max == limits::prices_body_bytes_max;
  error.message = "The body has more than " + std::to_string(bytes_max / limits::kib) + " KiB. " +
                  (is_for_prices ? "Leave out prices that have ended, or put some of them into "
                                   "the file that prices.file names."
                                 : "Send less in one request.");
  return error;
}

Reply hello() {
  return {.head = {.status = 200, .length = 0}, .body = {}};
}

Reply health_reply(const Readiness& readiness) {
  if (readiness.is_stopping) return admin::json_reply(503, R"({"status":"stopping"})");
  return admin::json_reply(200, R"({"status":"ok"})");
}

Reply readiness_reply(const Readiness& readiness) {
  std::string_view why;
  if (!readiness.has_upstream) why = "no upstream is configured: set UPSTREAM_API_KEY";
  if (readiness.is_stopping) why = "the relay is stopping";
  if (why.empty()) return admin::json_reply(200, R"({"status":"ready"})");
  return admin::json_reply(503,
                           R"({"status":"not ready","reasons":[")" + std::string{why} + R"("]})");
}

}  // namespace

Task<void> Router::serve(http::ClientStream& client) {
  Route route = route_of(client.head().method, client.head().path());
  if (!is_served(route, side_)) route = Route::nothing;
  switch (route) {
    case Route::forward: return exchange::serve(context_, client);
    case Route::admin: return serve_admin(client);
    case Route::usage: return serve_usage(client);
    case Route::root:
    case Route::hello:
    case Route::health:
    case Route::ready:
    case Route::metrics:
    case Route::contract:
    case Route::nothing: break;
  }
  return send(client, answer_at_once(route, client));
}

net::Refusal Router::refuse(const Error& error) {
  return refusal_of(error, context_.clock.wall());
}

Result<Reply> Router::answer_at_once(Route route, const http::ClientStream& client) {
  if (route == Route::nothing) return std::unexpected(not_there());
  if (!is_reading(client.head().method)) return std::unexpected(read_only());
  if (route == Route::hello) return hello();
  if (route == Route::health) return health_reply(share_.readiness);
  if (route == Route::ready) return readiness_reply(share_.readiness);
  if (route == Route::contract) return admin::openapi_reply();
  if (route == Route::metrics) return share_.metrics.answer(client.head(), client.peer());
  return admin::json_reply(200, R"({"service":"relay-station"})");
}

Task<void> Router::serve_admin(http::ClientStream& client) {
  Result<Reply> reply;
  if (is_admin_address(share_.admin_allowed, client.peer())) {
    Task<Result<Reply>> answering = answer_admin(client);
    reply = co_await std::move(answering);
    if (is_failed_login(client.head(), reply)) share_.admin_failures.add();
  } else {
    reply = std::unexpected(not_for_this_address());
  }
  Task<void> sending = send(client, std::move(reply));
  co_await std::move(sending);
}

Task<Result<Reply>> Router::answer_admin(http::ClientStream& client) {
  Task<Result<std::size_t>> asking = admin_body_room(client);
  const Result<std::size_t> room = co_await std::move(asking);
  if (!room) co_return std::unexpected(room.error());
  const Result<std::string_view> body = co_await client.read_body(*room);
  if (!body) co_return std::unexpected(with_remedy(body.error(), *room));
  admin::Call call{.head = client.head(), .body = std::string{*body}, .peer = client.peer()};
  std::move_only_function<Result<Reply>()> job = [&api = share_.admin,
                                                  call = std::move(call)]() mutable {
    return api.answer(std::move(call));
  };
  Task<Result<Reply>> answering = on_worker(std::move(job));
  Result<Reply> reply = co_await std::move(answering);
  co_return reply;
}

// What may be large is read from nobody who may not send it.
Task<Result<std::size_t>> Router::admin_body_room(const http::ClientStream& client) {
  if (!admin::is_price_table(client.head())) co_return limits::admin_body_bytes_max;
  std::move_only_function<Result<Reply>()> job = [&api = share_.admin, head = client.head()] {
    return api.let_in(head);
  };
  Task<Result<Reply>> asking = on_worker(std::move(job));
  const Result<Reply> let_in = co_await std::move(asking);
  if (!let_in) co_return std::unexpected(let_in.error());
  co_return limits::prices_body_bytes_max;
}

// A key may ask what it has used, also when it has nothing left or has expired.
Task<void> Router::serve_usage(http::ClientStream& client) {
  Result<exchange::Principal> principal =
      exchange::authenticate(context_.keys, context_.pepper, client.head(), context_.clock.wall());
  if (!principal && exchange::may_be_stale(context_.keys, client.head())) {
    co_await context_.proof.prove(client.head());
    principal = exchange::authenticate(context_.keys, context_.pepper, client.head(),
                                       context_.clock.wall());
  }
  Result<Reply> reply;
  if (!principal) {
    reply = std::unexpected(
        context_.failures.answer(client.head(), client.peer(), loop_.now(), principal.error()));
  } else if (!principal->key->is_active) {
    reply = std::unexpected(exchange::disabled_key());
  } else {
    admin::Call call{.head = client.head(), .body = {}, .peer = client.peer()};
    call.key = principal->key->id;
    std::move_only_function<Result<Reply>()> job = [&api = share_.user,
                                                    call = std::move(call)]() mutable {
      return api.answer(std::move(call));
    };
    reply = co_await on_worker(std::move(job));
  }
  Task<void> sending = send(client, std::move(reply));
  co_await std::move(sending);
}

Task<Result<Reply>> Router::on_worker(std::move_only_function<Result<Reply>()> job) {
  const TimePoint deadline = loop_.now() + limits::worker_job_wait_max;
  auto running = net::run_on<Result<Reply>>(share_.workers, loop_, std::move(job), deadline);
  net::IoResult<Result<Reply>> reply = co_await std::move(running);
  if (reply) co_return std::move(*reply);
  co_return std::unexpected(Error{.code = ErrorCode::overloaded,
                                  .origin = Origin::relay,
                                  .message = "The relay has too much to do. Try again shortly."});
}

Task<void> Router::send(http::ClientStream& client, Result<Reply> reply) {
  return send_reply(client, std::move(reply), context_.clock.wall());
}

}  // namespace relay::app
