#include "app/stand_in.h"

#include <utility>

#include "app/loop_thread.h"
#include "app/send_reply.h"
#include "base/process_metrics.h"

namespace relay::app {
namespace {

Error waiting_for_the_database() {
  return {.code = ErrorCode::store_unavailable,
          .origin = Origin::store,
          .message =
              "The relay has just started and its database cannot be reached. It begins to serve "
              "as soon as the database is there. Try again in a moment."};
}

}  // namespace

Result<std::unique_ptr<StandIn>> StandIn::open(const Config& config, const Clock& clock) {
  std::unique_ptr<StandIn> made{new StandIn{config, clock}};
  const Result<void> opened = open_ports(
      made->ports_, [&made](const net::Endpoint& at, Side side) { return made->listen(at, side); });
  if (!opened) return std::unexpected(opened.error());
  made->thread_ = std::thread{[&stand_in = *made] { stand_in.run(); }};
  return made;
}

StandIn::StandIn(const Config& config, const Clock& clock)
    : clock_{clock},
      limits_{server_limits(config)},
      ports_{.clients = config.listen, .operators = config.admin.bind},
      metrics_page_{metrics_, config.metrics.allow, config.metrics.token},
      share_{net::ConnectionGate{connection_bounds(config)},
             net::BodyBudget{config.limits.request_bodies}, config.trusted_proxies},
      loop_{clock} {
  add_process_metrics(metrics_, clock);
}

StandIn::~StandIn() {
  if (!thread_.joinable()) return;
  const bool is_told = loop_.post([this] {
    stopping_ = stop_all(loop_.now() + limits::last_words_max);
    stopping_.start();
  });
  if (!is_told) loop_.stop();
  thread_.join();
}

net::IoResult<net::Endpoint> StandIn::listen(const net::Endpoint& at, Side side) {
  net::IoResult<net::Listener> listener = net::Listener::open(loop_, at);
  if (!listener) return std::unexpected(listener.error());
  const net::Endpoint bound = listener->endpoint();
  servers_.push_back(std::make_unique<Port>(*this, std::move(*listener), side));
  return bound;
}

void StandIn::run() {
  for (const auto& port : servers_) port->server.start();
  loop_.run();
}

Task<void> StandIn::stop_all(TimePoint deadline) {
  for (const auto& port : servers_) co_await port->server.close_port();
  for (const auto& port : servers_) co_await port->server.stop(deadline);
  loop_.stop();
}

StandIn::Port::Port(StandIn& all, net::Listener listener, Side side)
    : server{all.loop_,    all.clock_, std::move(listener), *this,
             all.buffers_, all.share_, report_failure,      all.limits_},
      all_{all},
      side_{side} {
}

Task<void> StandIn::Port::serve(http::ClientStream& client) {
  return send_reply(client, answer(client), all_.clock_.wall());
}

net::Refusal StandIn::Port::refuse(const Error& error) {
  return refusal_of(error, all_.clock_.wall());
}

Result<admin::Reply> StandIn::Port::answer(const http::ClientStream& client) {
  const http::RequestHead& head = client.head();
  const Route route = route_of(head.method, head.path());
  if (is_reading(head.method) && is_served(route, side_)) {
    if (route == Route::health) return admin::json_reply(503, R"({"status":"database away"})");
    if (route == Route::metrics) return all_.metrics_page_.answer(head, client.peer());
    if (route == Route::ready) {
      return admin::json_reply(
          503, R"({"status":"not ready","reasons":["the database cannot be reached"]})");
    }
  }
  return std::unexpected(waiting_for_the_database());
}

}  // namespace relay::app
