#include "app/loop_thread.h"

#include <utility>

#include "base/log.h"

namespace relay::app {

void report_failure(const std::string& task, std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& e) {
    log_error("a task failed", {{"task", task}, {"detail", e.what()}});
  } catch (...) {
    log_error("a task failed", {{"task", task}});
  }
}

LoopThread::LoopThread(const LoopShare& share, store::Journal& journal, store::LedgerWriter* keeper,
                       net::TlsClients tls)
    : share_{share},
      loop_{share.clock},
      sleeper_{loop_},
      resolver_{loop_, share.router.workers},
      tls_{std::move(tls)},
      connector_{loop_, resolver_, tls_, buffers_.stream},
      transport_{loop_, connector_, buffers_, share.addresses},
      observer_{share.metrics, share.settings, share.prices},
      proof_{loop_, share.router.workers, share.directory},
      batches_{loop_, share.router.workers, share.store},
      retries_{share.loops, loop_.now()},
      calendar_{share.time_zone},
      context_{.settings = share.settings,
               .keys = share.keys,
               .pepper = share.pepper,
               .prices = share.prices,
               .failures = share.failures,
               .exchanges = share.exchanges,
               .drains = share.drains,
               .calibration = share.calibration,
               .upstreams = share.upstreams,
               .proof = proof_,
               .batches = batches_,
               .observer = observer_,
               .clock = share.clock,
               .transport = transport_,
               .ledger = journal,
               .sleeper = sleeper_,
               .cohort = loop_.cohort(),
               .retries = retries_,
               .calendar = calendar_},
      control_{loop_, report_failure} {
  if (keeper != nullptr) context_.durability = &durability_.emplace(loop_, journal, *keeper);
}

LoopThread::Port::Port(LoopThread& loop, net::Listener listener, Side side)
    : router{loop.loop_, loop.share_.router, loop.context_, side},
      server{loop.loop_,    loop.share_.clock,  std::move(listener), router,
             loop.buffers_, loop.share_.server, report_failure,      loop.share_.server_limits} {
}

LoopThread::~LoopThread() {
  join();
}

net::IoResult<net::Endpoint> LoopThread::listen(const net::Endpoint& at, Side side) {
  net::IoResult<net::Listener> listener = net::Listener::open(loop_, at);
  if (!listener) return std::unexpected(listener.error());
  const net::Endpoint bound = listener->endpoint();
  ports_.push_back(std::make_unique<Port>(*this, std::move(*listener), side));
  return bound;
}

void LoopThread::start() {
  thread_ = std::thread{[this] { run(); }};
}

void LoopThread::run() {
  for (const auto& port : ports_) port->server.start();
  control_.spawn("tend upstreams", transport_.tend());
  loop_.run();
}

void LoopThread::stop(TimePoint deadline) {
  const bool is_told = loop_.post([this, deadline] {
    stopping_ = stop_all(deadline);
    stopping_.start();
  });
  if (!is_told) loop_.stop();
}

void LoopThread::join() {
  if (thread_.joinable()) thread_.join();
}

Task<void> LoopThread::stop_all(TimePoint deadline) {
  // What is still running behind one port keeps no other open, and shortens no other's time.
  for (const auto& port : ports_) co_await port->server.close_port();
  for (const auto& port : ports_) co_await port->server.idle(deadline);
  for (const auto& port : ports_) co_await port->server.stop(loop_.now());
  co_await control_.close(loop_.now());
  transport_.close_idle();
  loop_.stop();
}

}  // namespace relay::app
