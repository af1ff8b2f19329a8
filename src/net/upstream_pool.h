#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/ports.h"
#include "net/buffers.h"
#include "net/connector.h"
#include "net/loop.h"
#include "net/upstream_exchange.h"

namespace relay::net {

struct UpstreamSettings {
  Target target;
  TimePoint::duration connect_timeout = limits::connect_timeout;
};

// Written by the pool's own thread, read by any.
struct UpstreamCounters {
  std::atomic<std::uint64_t> opened = 0;  // Connections.
  std::atomic<std::uint64_t> reused = 0;
  std::atomic<std::uint64_t> stale = 0;  // Reused ones that turned out to be dead.
  std::atomic<std::uint64_t> idle = 0;   // Now.
};

// The connections of one loop to its upstreams, kept for the next exchange.
//
// The connection used last is used first, so that those not needed grow old: they are closed after
// limits::idle_upstream_connection_max. One that has hung up, or on which something came that
// nobody asked for, is never used again.
//
// Belongs to one loop, except for the counters. Outlives its exchanges.
class UpstreamPool final : public http::Upstream {
 public:
  // UpstreamId counts `upstreams` from 0.
  UpstreamPool(Loop& loop, Connector& connector, Buffers& buffers,
               std::vector<UpstreamSettings> upstreams);

  // A kept connection that breaks before a byte of the answer has come, or on which the upstream
  // has waited for too long, is replaced by a new one, once. A request that is streamed cannot be
  // repeated, so it gets a new one from the first.
  Task<Result<std::unique_ptr<http::Answer>>> open(http::UpstreamId upstream,
                                                   const http::UpstreamRequest& request,
                                                   TimePoint head_deadline) override;

  // Closes connections that are idle for too long or were closed by their upstream, now and then,
  // for ever. To be spawned into a scope that the pool outlives.
  Task<void> tend();

  // Closes all that is idle.
  void close_idle() noexcept;

  [[nodiscard]] const UpstreamCounters& counters() const noexcept { return counters_; }

  // The rest is for UpstreamExchange.

  [[nodiscard]] Loop& loop() noexcept { return loop_; }
  [[nodiscard]] Buffers& buffers() noexcept { return buffers_; }
  void put_back(http::UpstreamId upstream, Stream stream) noexcept;

 private:
  struct Idle {
    Stream stream;
    TimePoint since;
  };
  struct Place {
    UpstreamSettings settings;
    std::vector<Idle> idle = {};  // The one used last at the end.
  };

  [[nodiscard]] Place& place(http::UpstreamId upstream) noexcept;
  [[nodiscard]] std::optional<Stream> take_idle(Place& place) noexcept;
  [[nodiscard]] bool is_fit(Idle& idle) noexcept;
  void close_unfit(Place& place) noexcept;
  std::unique_ptr<UpstreamExchange> exchange_on(http::UpstreamId upstream, Stream stream);
  Task<Result<Stream>> connect(const UpstreamSettings& settings, TimePoint head_deadline);
  void count_idle() noexcept;

  Loop& loop_;
  Connector& connector_;
  Buffers& buffers_;
  std::vector<Place> places_;
  UpstreamCounters counters_;
};

}  // namespace relay::net
