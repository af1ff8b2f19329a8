#include <fmt/format.h>

#include "app/commands.h"
#include "app/option_kinds.h"
#include "sim/simulator.h"

namespace relay::app {

int run_simulate(const SimulateOptions& options, const Terminal& terminal) {
  const auto listen = EndpointKind{}.parse(options.listen);
  if (!listen) {
    fmt::print(terminal.err, "--listen: {}\n", listen.error());
    return exit_usage;
  }
  return sim::run_simulator({.listen = *listen,
                             .credential = options.credential,
                             .public_url = options.public_url,
                             .log_path = options.log_file});
}

}  // namespace relay::app
