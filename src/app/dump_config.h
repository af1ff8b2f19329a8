#pragma once

#include <string>

#include "admin/system.h"
#include "app/load_config.h"

namespace relay::app {

// The effective configuration as YAML, every option with where it came from, secrets masked. Read
// as a file it gives the same configuration, but for the secrets.
std::string dump_config(const LoadedConfig& loaded);

// The same line by line, for the admin API.
[[nodiscard]] std::vector<admin::ConfigLine> config_lines(const LoadedConfig& loaded);

}  // namespace relay::app
