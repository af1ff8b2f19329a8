#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/app.h"
#include "app/check_config.h"
#include "app/commands.h"

namespace relay::app {
namespace {

// Neither a core file nor another process of this user gets to see our memory.
void keep_memory_private() {
  constexpr rlimit none = {};
  static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
  static_cast<void>(::prctl(PR_SET_DUMPABLE, 0));
}

void mask_all(Log& log, const Config& config, const StationSecrets& secrets) {
  for (const UpstreamConfig& upstream : config.upstreams) {
    log.mask(upstream.api_key);
    log.mask(upstream.proxy);
  }
  log.mask(config.database_url);
  log.mask(config.metrics.token);
  log.mask(secrets.secret_key);
  log.mask(secrets.admin_password);
}

}  // namespace

int run_serve(const ConfigInputs& inputs, const ServeOptions& options, const Terminal& terminal) {
  std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  Config& config = loaded->config;
  const auto secrets = station_secrets(config);
  if (!secrets) {
    explain(secrets.error(), terminal);
    return exit_bad_config;
  }
  keep_memory_private();

  const SystemClock clock;
  const auto log = Log::open(config.log, clock);
  if (!log) {
    explain({{"log", log.error().detail}}, terminal);
    return exit_bad_config;
  }
  mask_all(**log, config, *secrets);
  set_process_log(log->get());
  std::optional<Demo> demo;
  if (options.has_demo && config.upstreams.empty()) {
    demo.emplace(config);
    std::erase(loaded->warnings, no_upstream_warning);
  }
  for (const std::string& warning : loaded->warnings) log_warning(warning);
  for (const std::string& notice : secrets->notices) log_warning(notice);

  return serve(*loaded, *secrets, clock, terminal, demo ? &*demo : nullptr);
}

}  // namespace relay::app
