#pragma once

#include "app/config.h"
#include "app/secrets.h"

namespace relay::app {

// Serves until SIGTERM or SIGINT. The log is open and knows what it has to mask. Returns what the
// process should exit with.
int serve(const Config& config, const StationSecrets& secrets, const Clock& clock);

}  // namespace relay::app
