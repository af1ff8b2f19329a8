#pragma once

#include <functional>
#include <vector>

#include "app/config.h"
#include "app/paths.h"
#include "base/result.h"
#include "net/connection_gate.h"
#include "net/endpoint.h"
#include "net/server_limits.h"
#include "net/socket.h"

namespace relay::app {

// What the servers of a station, and of who stands in for it, have in common.

[[nodiscard]] net::ConnectionGate::Bounds connection_bounds(const Config& config);
[[nodiscard]] net::ServerLimits server_limits(const Config& config);

struct Ports {
  std::vector<net::Endpoint> clients;
  std::vector<net::Endpoint> operators;  // Empty: the admin API is where clients are.
};

// Opens all that the configuration names, for whom each is, by `listen`, which gives what it has
// bound: port 0 becomes that. The error is for the person who starts the relay.
using Listen = std::function<net::IoResult<net::Endpoint>(const net::Endpoint& at, Side side)>;
Result<void> open_ports(Ports& ports, const Listen& listen);

// Whether nobody listens there yet: not another relay either, with which the kernel would have us
// share the connections.
Result<void> check_unused(Ports ports);

}  // namespace relay::app
