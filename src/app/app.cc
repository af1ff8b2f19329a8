#include "app/app.h"

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <cstdio>

#include "app/commands.h"
#include "app/dump_config.h"
#include "app/open_station.h"
#include "app/serving.h"
#include "base/limits.h"
#include "base/log.h"

namespace relay::app {
namespace {

// Blocked in every thread and waited for in this one, so that no handler runs anywhere.
// A log in files is opened anew on SIGHUP, for who has moved it away; without one, SIGHUP ends us.
class StopSignals {
 public:
  explicit StopSignals(const LogOptions& log) noexcept {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    if (!log.file.empty() || !log.access_file.empty()) ::sigaddset(&set_, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }
  void wait() const {
    int signal = 0;
    do {
      ::sigwait(&set_, &signal);
    } while (!is_stop(signal));
  }
  [[nodiscard]] bool come_within(std::chrono::milliseconds time) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const timespec span{.tv_sec = seconds.count(),
                        .tv_nsec = std::chrono::nanoseconds{time - seconds}.count()};
    return is_stop(::sigtimedwait(&set_, nullptr, &span));
  }

  // From now on the next one ends the process at once: the journal keeps what it was doing.
  void let_next_one_kill() const noexcept {
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
    sigset_t stops = set_;
    ::sigdelset(&stops, SIGHUP);
    ::pthread_sigmask(SIG_UNBLOCK, &stops, nullptr);
  }

 private:
  // `signal`: -1 is none.
  static bool is_stop(int signal) {
    if (signal != SIGHUP) return signal > 0;
    const Result<void> opened = process_log()->reopen();
    if (!opened) log_error("the log cannot be opened anew", {{"error", opened.error().detail}});
    return false;
  }

  sigset_t set_;
};

void say(std::string_view what, const std::vector<net::Endpoint>& ports, const Terminal& terminal) {
  for (const net::Endpoint& port : ports) {
    fmt::print(terminal.out, "{} on http://{}\n", what, net::to_string(port));
  }
}

}  // namespace

int serve(const LoadedConfig& loaded, const StationSecrets& secrets, const Clock& clock,
          const Terminal& terminal, const Demo* demo) {
  Config config = loaded.config;
  const StopSignals signals{config.log};
  const Result<void> unused =
      check_unused({.clients = config.listen, .operators = config.admin.bind});
  if (!unused) return fail(unused.error(), terminal);
  Result<OpenedStation> opened = open_station(
      config, secrets, clock,
      {.waiting =
           [&terminal](const Ports& ports) {
             say("waiting for the database", ports.clients, terminal);
             std::fflush(terminal.out);
           },
       .pause =
           [&signals] { return !signals.come_within(limits::postgres_listen_retry_delay_max); }});
  if (!opened) return fail(opened.error(), terminal);
  if (opened->station == nullptr) return exit_ok;
  Station& station = *opened->station;
  station.show_config(config_lines(loaded));
  const Result<Ports> ports = station.start();
  if (!ports) return fail(ports.error(), terminal);
  opened->stand_in.reset();

  say("admin API", ports->operators, terminal);
  say("listening", ports->clients, terminal);
  if (config.upstreams.empty()) {
    fmt::print(terminal.out, "no UPSTREAM_API_KEY: nothing can be forwarded, /ready says so\n");
  }
  if (demo != nullptr) {
    const Result<void> introduced = demo->introduce(station, config, ports->clients.front());
    if (!introduced) return fail(introduced.error(), terminal);
  }
  std::fflush(terminal.out);

  signals.wait();
  log_info("stopping", {{"drain_s", config.timeouts.shutdown_drain.count() / 1000}});
  signals.let_next_one_kill();
  station.stop(clock.now() + config.timeouts.shutdown_drain);
  return exit_ok;
}

}  // namespace relay::app
