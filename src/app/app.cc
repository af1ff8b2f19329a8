#include "app/app.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>

#include "app/commands.h"
#include "app/dump_config.h"
#include "app/station.h"
#include "base/log.h"

namespace relay::app {
namespace {

// Blocked in every thread and waited for in this one, so that no handler runs anywhere.
class StopSignals {
 public:
  StopSignals() noexcept {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }
  void wait() const noexcept {
    int signal = 0;
    ::sigwait(&set_, &signal);
  }

  // From now on the next one ends the process at once: the journal keeps what it was doing.
  void let_next_one_kill() const noexcept {
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
    ::pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

 private:
  sigset_t set_;
};

}  // namespace

int serve(const LoadedConfig& loaded, const StationSecrets& secrets, const Clock& clock,
          const Terminal& terminal, const Demo* demo) {
  const StopSignals signals;
  const Config& config = loaded.config;
  const Result<std::unique_ptr<Station>> station = Station::open(config, secrets, clock);
  if (!station) return fail(station.error(), terminal);
  (*station)->show_config(config_lines(loaded));
  const Result<Station::Ports> ports = (*station)->start();
  if (!ports) return fail(ports.error(), terminal);

  for (const net::Endpoint& port : ports->operators) {
    fmt::print(terminal.out, "admin API on http://{}\n", net::to_string(port));
  }
  for (const net::Endpoint& port : ports->clients) {
    fmt::print(terminal.out, "listening on http://{}\n", net::to_string(port));
  }
  if (config.upstreams.empty()) {
    fmt::print(terminal.out, "no UPSTREAM_API_KEY: nothing can be forwarded, /ready says so\n");
  }
  if (demo != nullptr) {
    const Result<void> introduced = demo->introduce(**station, config, ports->clients.front());
    if (!introduced) return fail(introduced.error(), terminal);
  }
  std::fflush(terminal.out);

  signals.wait();
  log_info("stopping", {{"drain_s", config.timeouts.shutdown_drain.count() / 1000}});
  signals.let_next_one_kill();
  (*station)->stop(clock.now() + config.timeouts.shutdown_drain);
  return exit_ok;
}

}  // namespace relay::app
