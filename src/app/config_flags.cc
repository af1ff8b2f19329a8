#include "app/config_flags.h"

#include "app/options.h"

namespace relay::app {
namespace {

template <typename Target>
void add_flags(CLI::App& command, const std::vector<Option<Target>>& options,
               std::map<std::string, std::vector<std::string>>& given) {
  for (const Option<Target>& option : options) {
    if (option.flag.empty()) continue;
    auto* flag = command.add_option(option.flag, given[option.flag], option.about);
    flag->type_name("VALUE")->allow_extra_args(false)->group("Configuration");
    if (!option.is_list) flag->expected(1);
  }
}

}  // namespace

void ConfigFlags::add_to(CLI::App& command) {
  command.add_option("--config", config_file_, "The configuration file.")
      ->type_name("FILE")
      ->group("Configuration");
  add_flags(command, config_options(), given_);
  add_flags(command, upstream_options(), given_);
}

ConfigInputs ConfigFlags::inputs() const {
  ConfigInputs inputs = surroundings_;
  if (!config_file_.empty()) inputs.config_file = config_file_;
  for (const auto& [flag, texts] : given_) {
    if (!texts.empty()) inputs.flags.push_back({flag, texts});
  }
  return inputs;
}

}  // namespace relay::app
