#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "app/metrics_page.h"
#include "app/serving.h"
#include "net/buffers.h"
#include "net/loop.h"
#include "net/server.h"

namespace relay::app {

// Serves in place of a station whose database is away, on a loop and a thread of its own: /health
// and /ready say so, /metrics knows the process, and everything else gets 503 and when to come
// again. Made and destroyed by the main thread.
class StandIn {
 public:
  // Opens the ports of the configuration, which a station may share. The configuration and the
  // clock must outlive it. Errors are for the person who starts the relay.
  static Result<std::unique_ptr<StandIn>> open(const Config& config, const Clock& clock);
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  ~StandIn();  // Answers what it has begun to read, if the rest comes within
               // limits::last_words_max.

  [[nodiscard]] const Ports& ports() const noexcept { return ports_; }

 private:
  // A port and who answers there.
  class Port final : public net::Service {
   public:
    Port(StandIn& all, net::Listener listener, Side side);
    Task<void> serve(http::ClientStream& client) override;
    net::Refusal refuse(const Error& error) override;

    net::Server server;

   private:
    [[nodiscard]] Result<admin::Reply> answer(const http::ClientStream& client);

    StandIn& all_;
    const Side side_;
  };

  StandIn(const Config& config, const Clock& clock);
  net::IoResult<net::Endpoint> listen(const net::Endpoint& at, Side side);
  void run();
  Task<void> stop_all(TimePoint deadline);

  const Clock& clock_;
  const net::ServerLimits limits_;
  Ports ports_;
  Metrics metrics_;
  MetricsPage metrics_page_;
  net::ServerShare share_;
  net::Loop loop_;
  net::Buffers buffers_;
  std::vector<std::unique_ptr<Port>> servers_;
  Task<void> stopping_;
  std::thread thread_;
};

}  // namespace relay::app
