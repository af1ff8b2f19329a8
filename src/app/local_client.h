#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/head.h"
#include "net/endpoint.h"

namespace relay::app {

// One question to a relay on this host.
struct LocalRequest {
  net::Endpoint to;
  http::Method method = http::Method::get;
  std::string target;
  std::string bearer = {};  // Sent as Authorization, if there is one.
  std::string body = {};    // JSON.
};

struct LocalAnswer {
  int status = 0;
  std::string body;
};

// Asks and waits, for the commands that speak to a running relay. Blocks for at most
// limits::local_answer_wait_max. upstream_unavailable: nobody listens there, or it broke off.
[[nodiscard]] Result<LocalAnswer> ask_local(const LocalRequest& request);

// Where a listener can be reached from here: loopback for one that takes all addresses.
net::Endpoint reachable(net::Endpoint listener);

}  // namespace relay::app
