#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/config_draft.h"
#include "app/variables.h"

namespace relay::app {

// What a command line said: {"--listen", {"127.0.0.1:8000"}}.
struct FlagValue {
  std::string flag;
  std::vector<std::string> texts;
};

struct ConfigInputs {
  std::optional<std::string> config_file = {};  // None: config.yaml in `folder`, if there is one.
  std::string folder = ".";                     // Where config.yaml and .env are looked for.
  Variables environment = {};
  std::vector<FlagValue> flags = {};
};

struct LoadedConfig {
  Config config;
  ConfigSources sources;
  std::vector<std::string> warnings;
};

// Puts the configuration together: defaults, then the file, .env, the environment, flags; what
// comes later wins. An empty environment variable counts as unset. A secret may be in a file that
// NAME_FILE names instead of in NAME, also where a file says ${NAME}.
//
// All or nothing: with any problem there is no configuration, and all problems are listed.
[[nodiscard]] std::expected<LoadedConfig, Problems> load_config(const ConfigInputs& inputs);

}  // namespace relay::app
