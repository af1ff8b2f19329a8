#pragma once

#include <gtest/gtest.h>

#include "net/server_fixture.h"
#include "net/upstream_fixture.h"

namespace relay::net {

// A server in front of a pool, for tests: `Passing` is the service between them, and is made of the
// pool.
template <typename Passing>
struct RelayingFixture : UpstreamPoolTest {
  RelayingFixture() { server.start(); }
  ~RelayingFixture() override {
    Task<void> stopping = server.stop(loop.now());
    stopping.start();
    EXPECT_TRUE(until([&] { return stopping.done(); }));
  }

  ServerShare share;
  Passing service{pool};
  Listener listener = *Listener::open(loop, Endpoint::loopback(0));
  std::uint16_t port = listener.port();
  Server server{loop, clock, std::move(listener), service, buffers, share, nullptr};
};

}  // namespace relay::net
