#include "net/server.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "net/client_connection.h"

namespace relay::net {

Server::Server(Loop& loop, const Clock& clock, Listener listener, Service& service,
               Buffers& buffers, ServerShare& share, TaskScope::Failed failed, ServerLimits limits)
    : context_{loop, service, buffers, share, limits, DateLine{clock}},
      listener_{std::move(listener)},
      accepting_{loop, failed},
      connections_{loop, failed} {
}

void Server::start() {
  accepting_.spawn("accept", accept_clients());
}

// The listener waits by itself when it cannot accept.
Task<void> Server::accept_clients() {
  for (;;) {
    IoResult<Socket> accepted = co_await listener_->accept(no_deadline);
    if (accepted) admit(std::move(*accepted));
  }
}

void Server::admit(Socket socket) {
  std::optional<ConnectionGate::Pass> pass = context_.share.gate.admit(socket.peer());
  if (!pass) {
    ServerCounters::add_one(context_.counters.connections_refused);
    return;
  }
  // A proxy's connections are those of all its clients.
  if (contains(context_.share.trusted_proxies, socket.peer())) pass->prove();
  ServerCounters::add_one(context_.counters.connections);
  auto client = std::make_unique<ClientConnection>(context_, std::move(socket), std::move(*pass));
  connections_.spawn("client", ClientConnection::serve(std::move(client)));
}

Task<void> Server::close_port() {
  context_.is_stopping = true;
  co_await accepting_.close(context_.loop.now());
  listener_.reset();
  while (!context_.idle.empty()) context_.idle.pop_front().socket.shut_down_reading();
}

Task<void> Server::idle(TimePoint deadline) {
  return connections_.idle(deadline);
}

Task<void> Server::stop(TimePoint deadline) {
  if (listener_) co_await close_port();
  co_await idle(deadline);
  end_exchanges();
  co_await connections_.close(
      deadline + std::min<TimePoint::duration>(limits::last_words_max, no_deadline - deadline));
}

// Whoever waits for its client to leave goes on.
void Server::end_exchanges() noexcept {
  while (!context_.live.empty()) {
    LiveClient& client = context_.live.pop_front();
    client.must_end = true;
    client.socket.shut_down_reading();
  }
}

}  // namespace relay::net
