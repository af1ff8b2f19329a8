#include "app/serving.h"

#include <string>
#include <system_error>

#include "net/listener.h"

namespace relay::app {
namespace {

Error cannot_listen(const net::Endpoint& at, Side side, const std::string& why) {
  const std::string_view option = side == Side::operators ? "admin.bind" : "--listen";
  return {.code = ErrorCode::internal,
          .origin = Origin::relay,
          .message = "Cannot listen on " + net::to_string(at) + ": " + why +
                     ". Choose another one with " + std::string{option} + "."};
}

Result<void> open_all(std::vector<net::Endpoint>& ports, Side side, const Listen& listen) {
  for (net::Endpoint& port : ports) {
    const net::IoResult<net::Endpoint> bound = listen(port, side);
    if (!bound) {
      const std::string why = std::make_error_code(bound.error()).message();
      return std::unexpected(cannot_listen(port, side, why));
    }
    port = *bound;
  }
  return {};
}

}  // namespace

net::ConnectionGate::Bounds connection_bounds(const Config& config) {
  return {.connections_max = config.limits.connections,
          .per_address_max = config.limits.connections_per_address};
}

net::ServerLimits server_limits(const Config& config) {
  net::ServerLimits limits;
  limits.head_timeout = config.timeouts.request_head;
  limits.idle_timeout = config.timeouts.client_idle;
  limits.write_stall_max = config.timeouts.write_stall;
  return limits;
}

Result<void> open_ports(Ports& ports, const Listen& listen) {
  const Side side = ports.operators.empty() ? Side::everybody : Side::clients;
  const Result<void> for_clients = open_all(ports.clients, side, listen);
  if (!for_clients) return for_clients;
  return open_all(ports.operators, Side::operators, listen);
}

Result<void> check_unused(Ports ports) {
  return open_ports(ports, [](const net::Endpoint& at, Side) -> net::IoResult<net::Endpoint> {
    const net::IoResult<void> unused = net::Listener::check_unused(at);
    if (!unused) return std::unexpected(unused.error());
    return at;
  });
}

}  // namespace relay::app
