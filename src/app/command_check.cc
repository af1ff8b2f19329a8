#include <fmt/format.h>

#include "app/commands.h"
#include "app/dump_config.h"
#include "app/options.h"
#include "app/secrets.h"

namespace relay::app {

void explain(const Problems& problems, const Terminal& terminal) {
  for (const Problem& problem : problems) {
    fmt::print(terminal.err, "error: {}\n", to_string(problem));
  }
}

int fail(const Error& error, const Terminal& terminal) {
  for (const std::string& text : {error.message, error.detail}) {
    if (!text.empty()) fmt::print(terminal.err, "{}\n", text);
  }
  return exit_failure;
}

std::optional<LoadedConfig> load_or_explain(const ConfigInputs& inputs, const Terminal& terminal) {
  auto loaded = load_config(inputs);
  if (loaded) return *std::move(loaded);
  explain(loaded.error(), terminal);
  return std::nullopt;
}

int run_check(const ConfigInputs& inputs, const CheckOptions& options, const Terminal& terminal) {
  if (options.lists_options) {
    fmt::print(terminal.out, "{}", options_table());
    return exit_ok;
  }
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  const Problems faults = secret_faults(loaded->config);
  explain(faults, terminal);
  if (!faults.empty()) return exit_bad_config;
  for (const std::string& warning : loaded->warnings) {
    fmt::print(terminal.err, "warning: {}\n", warning);
  }
  if (options.dumps) {
    fmt::print(terminal.out, "{}", dump_config(*loaded));
  } else {
    fmt::print(terminal.out, "the configuration is fine\n");
  }
  return exit_ok;
}

}  // namespace relay::app
