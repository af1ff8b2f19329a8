#pragma once

#include "app/command_line.h"
#include "app/demo.h"
#include "app/load_config.h"
#include "app/secrets.h"

namespace relay::app {

// Serves until SIGTERM or SIGINT. The log is open and knows what it has to mask. Returns what the
// process should exit with.
// `demo`, if there is one, is introduced.
int serve(const LoadedConfig& loaded, const StationSecrets& secrets, const Clock& clock,
          const Terminal& terminal, const Demo* demo = nullptr);

}  // namespace relay::app
