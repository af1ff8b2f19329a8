#include "app/loop_thread.h"

#include <utility>

#include "base/log.h"

namespace relay::app {
namespace {

// An exception that escapes a connection is a bug or a lack of memory; the others go on.
void report_failure(const std::string& task, std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& e) {
    log_error("a task failed", {{"task", task}, {"detail", e.what()}});
  } catch (...) {
    log_error("a task failed", {{"task", task}});
  }
}

}  // namespace

LoopThread::LoopThread(const LoopShare& share, store::Journal& journal, net::TlsClient tls)
    : share_{share},
      loop_{share.clock},
      sleeper_{loop_},
      resolver_{loop_, share.router.workers},
      tls_{std::move(tls)},
      connector_{loop_, resolver_, tls_, buffers_.stream},
      transport_{loop_, connector_, buffers_, share.addresses},
      observer_{share.metrics, share.settings, share.prices},
      proof_{loop_, share.router.workers, share.directory},
      retries_{share.loops, loop_.now()},
      context_{.settings = share.settings,
               .keys = share.keys,
               .pepper = share.pepper,
               .prices = share.prices,
               .failures = share.failures,
               .upstreams = share.upstreams,
               .proof = proof_,
               .observer = observer_,
               .clock = share.clock,
               .transport = transport_,
               .ledger = journal,
               .sleeper = sleeper_,
               .retries = retries_},
      router_{loop_, share.router, context_},
      control_{loop_, report_failure} {
}

LoopThread::~LoopThread() {
  join();
}

net::IoResult<net::Endpoint> LoopThread::listen(const net::Endpoint& at) {
  net::IoResult<net::Listener> listener = net::Listener::open(loop_, at);
  if (!listener) return std::unexpected(listener.error());
  const net::Endpoint bound = listener->endpoint();
  servers_.push_back(std::make_unique<net::Server>(loop_, share_.clock, std::move(*listener),
                                                   router_, buffers_, share_.server, report_failure,
                                                   share_.server_limits));
  return bound;
}

void LoopThread::start() {
  thread_ = std::thread{[this] { run(); }};
}

void LoopThread::run() {
  for (const auto& server : servers_) server->start();
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
  for (const auto& server : servers_) co_await server->stop(deadline);
  co_await control_.close(loop_.now());
  transport_.close_idle();
  loop_.stop();
}

}  // namespace relay::app
