#include "sim/simulator.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>
#include <utility>

#include "base/limits.h"
#include "sim/connection.h"

namespace relay::sim {
namespace {

Api::Options api_options(const SimulatorOptions& options, std::uint16_t port) {
  return {.credential = options.credential,
          .origin = options.public_url.empty() ? fmt::format("http://127.0.0.1:{}", port)
                                               : options.public_url,
          .log_path = options.log_path};
}

void report(const std::string& task, const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    fmt::print(stderr, "simulator: {}: {}\n", task, exception.what());
  }
}

void poll_until_closed(net::Loop& loop, Simulator& simulator) {
  Task<void> closing = simulator.close();
  closing.start();
  while (!closing.done()) loop.poll();
}

}  // namespace

net::IoResult<std::unique_ptr<Simulator>> Simulator::open(net::Loop& loop, const Clock& clock,
                                                          const SimulatorOptions& options) {
  net::IoResult<net::Listener> listener = net::Listener::open(loop, options.listen);
  if (!listener) return std::unexpected(listener.error());
  std::unique_ptr<Simulator> simulator{new Simulator{loop, clock, options, std::move(*listener)}};
  simulator->tasks_.spawn("accept", simulator->accept_all());
  return simulator;
}

Simulator::Simulator(net::Loop& loop, const Clock& clock, const SimulatorOptions& options,
                     net::Listener listener)
    : loop_{loop},
      listener_{std::move(listener)},
      buffers_{limits::stream_buffer_bytes},
      api_{clock, api_options(options, listener_.port())},
      tasks_{loop, report} {
}

Task<void> Simulator::accept_all() {
  for (;;) {
    net::IoResult<net::Socket> socket = co_await listener_.accept(no_deadline);
    if (!socket) continue;
    Task<void> serving = serve_connection(api_, loop_, buffers_, std::move(*socket));
    tasks_.spawn("connection", std::move(serving));
  }
}

Task<void> Simulator::close() {
  co_await tasks_.close(loop_.now());
}

BackgroundSimulator::BackgroundSimulator(const SimulatorOptions& options) {
  net::IoResult<std::unique_ptr<Simulator>> opened = Simulator::open(loop_, clock_, options);
  if (!opened) throw std::system_error{std::make_error_code(opened.error()), "simulator"};
  simulator_ = std::move(*opened);
  port_ = simulator_->port();
  thread_ = std::thread{&BackgroundSimulator::run, this};
}

BackgroundSimulator::~BackgroundSimulator() {
  loop_.stop();
  thread_.join();
}

void BackgroundSimulator::run() {
  loop_.run();
  poll_until_closed(loop_, *simulator_);
  simulator_.reset();
}

int run_simulator(const SimulatorOptions& options) try {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // The simulator's thread inherits this.

  const BackgroundSimulator simulator{options};
  fmt::print("simulator listening on 127.0.0.1:{}\n", simulator.port());
  std::fflush(stdout);
  int signal = 0;
  ::sigwait(&signals, &signal);
  return 0;
} catch (const std::system_error& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}

}  // namespace relay::sim
