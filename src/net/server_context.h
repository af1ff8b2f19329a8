#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/address_range.h"
#include "base/list.h"
#include "net/body_buffer.h"
#include "net/buffers.h"
#include "net/connection_gate.h"
#include "net/date_line.h"
#include "net/loop.h"
#include "net/server_limits.h"
#include "net/service.h"
#include "net/socket.h"

namespace relay::net {

// What the servers of all loops share. Thread-safe. Outlives them.
struct ServerShare {
  ConnectionGate gate;
  BodyBudget bodies{limits::request_bodies_bytes_max};
  std::vector<AddressRange> trusted_proxies = {};  // Who may say for whom they speak. Set at start.
};

// Written by the server's own thread, read by any.
struct ServerCounters {
  using Count = std::atomic<std::uint64_t>;

  Count connections = 0;          // Accepted and admitted.
  Count connections_refused = 0;  // Closed at once: too many in all, or from their address.
  Count requests = 0;             // Read as far as the end of a well-formed head.
  Count requests_refused = 0;     // Answered although they never became one.

  // Cheaper than an atomic addition, and as good with one writer.
  static void add_one(Count& count) noexcept {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

// A connection on which no byte of a next request has come.
struct IdleClient : Link {
  explicit IdleClient(Socket& its_socket) noexcept : socket{its_socket} {}
  Socket& socket;
};

// A connection that may be told to end its exchange.
struct LiveClient : Link {
  explicit LiveClient(Socket& its_socket) noexcept : socket{its_socket} {}
  Socket& socket;
  bool must_end = false;
};

// What the connections of one server share. Belongs to its loop, except for the counters.
struct ServerContext {
  Loop& loop;
  Service& service;
  Buffers& buffers;
  ServerShare& share;
  ServerLimits limits;
  DateLine date;
  ServerCounters counters = {};
  List<IdleClient> idle = {};
  List<LiveClient> live = {};  // All of them.
  bool is_stopping = false;    // Every answer from here on is the last one of its connection.
};

}  // namespace relay::net
