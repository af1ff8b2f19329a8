#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "app/load_config.h"

namespace relay::app {

// The flags that change the configuration, which most commands take, as CLI11 fills them.
class ConfigFlags {
 public:
  // `surroundings` outlive it.
  explicit ConfigFlags(const ConfigInputs& surroundings) : surroundings_{surroundings} {}

  // Outlives the command.
  void add_to(CLI::App& command);

  [[nodiscard]] ConfigInputs inputs() const;

 private:
  const ConfigInputs& surroundings_;
  std::string config_file_;
  std::map<std::string, std::vector<std::string>> given_;
};

}  // namespace relay::app
