#include <fmt/format.h>

#include "app/commands.h"
#include "app/local_client.h"

namespace relay::app {

int run_healthcheck(const ConfigInputs& inputs, const Terminal& terminal) {
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  const net::Endpoint relay = reachable(loaded->config.listen.front());
  const auto answer = ask_local({.to = relay, .target = "/health"});
  if (!answer) {
    fmt::print(terminal.err, "{}: {}\n", answer.error().message, answer.error().detail);
    return exit_failure;
  }
  fmt::print(terminal.out, "{}\n", answer->body);
  return answer->status == 200 ? exit_ok : exit_failure;
}

}  // namespace relay::app
