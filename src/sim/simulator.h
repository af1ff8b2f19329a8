#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "net/endpoint.h"
#include "net/fd.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/task_scope.h"
#include "sim/api.h"

namespace relay::sim {

struct SimulatorOptions {
  net::Endpoint listen = net::Endpoint::loopback(0);
  std::string credential = "sk-ant-simulated";
  std::string public_url;  // What absolute URLs begin with; empty: where it listens.
  std::string log_path;    // Gets a line of JSON for every request; empty: only GET /__sim/log.
};

// An upstream that behaves as the Messages API does, or as badly as it is told to: see script.h for
// how, and GET /__sim/script, /__sim/catalogue, /__sim/log, /__sim/totals for what it knows.
//
// Lives on a loop that outlives it and belongs to its thread. To be closed before it is destroyed.
class Simulator {
 public:
  static net::IoResult<std::unique_ptr<Simulator>> open(net::Loop& loop, const Clock& clock,
                                                        const SimulatorOptions& options);
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }

  // Ends all connections at once.
  Task<void> close();

 private:
  Simulator(net::Loop& loop, const Clock& clock, const SimulatorOptions& options,
            net::Listener listener);

  Task<void> accept_all();

  net::Loop& loop_;
  net::Listener listener_;
  net::BufferPool buffers_;
  Api api_;
  net::TaskScope tasks_;
};

// A simulator on a loop and a thread of its own, from construction to destruction: for tests, and
// for the command.
class BackgroundSimulator {
 public:
  // Throws std::system_error if it cannot listen.
  explicit BackgroundSimulator(const SimulatorOptions& options = {});
  ~BackgroundSimulator();
  BackgroundSimulator(const BackgroundSimulator&) = delete;
  BackgroundSimulator& operator=(const BackgroundSimulator&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void run();

  SystemClock clock_;
  net::Loop loop_{clock_};
  std::unique_ptr<Simulator> simulator_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// The command: says `simulator listening on 127.0.0.1:PORT` on standard output and runs until
// SIGTERM or SIGINT. To be called while the process has one thread. Returns what the process should
// exit with.
int run_simulator(const SimulatorOptions& options);

}  // namespace relay::sim
