#pragma once

#include <cstdint>
#include <string_view>

#include "http/head.h"

namespace relay::app {

// Who answers a request: decided once, on the bytes of its path (decision 8). What is reserved is
// never forwarded; everything else is, if the operator lets it.
enum class Route : std::uint8_t {
  forward,
  root,
  hello,  // HEAD /api/hello, which Claude Code sends at its start, without a key.
  health,
  ready,
  metrics,
  admin,
  usage,  // The user API: /api/usage and what lies below it.
  contract,
  nothing,  // Reserved, and not there.
};

[[nodiscard]] Route route_of(http::Method method, std::string_view path) noexcept;

// GET and HEAD, which is all that most of what is not forwarded takes.
[[nodiscard]] constexpr bool is_reading(http::Method method) noexcept {
  return method == http::Method::get || method == http::Method::head;
}

// Whom a port is for. With admin.bind there are two kinds, else one for everybody.
enum class Side : std::uint8_t { everybody, clients, operators };

// What is not for a port is not there, whoever asks.
[[nodiscard]] bool is_served(Route route, Side side) noexcept;

}  // namespace relay::app
