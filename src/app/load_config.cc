#include "app/load_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/check_config.h"
#include "app/options.h"
#include "app/price_file.h"
#include "app/read_file.h"
#include "app/suggest.h"
#include "app/yaml_config.h"
#include "base/limits.h"

namespace relay::app {
namespace {

namespace fs = std::filesystem;

void warn_of_open_file(const fs::path& file, ConfigDraft& draft) {
  std::error_code failed;
  const fs::perms mode = fs::status(file, failed).permissions();
  constexpr auto allowed = fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read;
  if (failed || (mode & fs::perms::all & ~allowed) == fs::perms::none) return;
  draft.warnings.push_back(fmt::format("others can read {0}: chmod 640 {0}", file.string()));
}

// Applies what the environment and .env say, and remembers which names it knows.
class VariableReader {
 public:
  VariableReader(const Variables& env_file, const Variables& environment, ConfigDraft& draft)
      : env_file_{env_file}, environment_{environment}, draft_{draft} {}

  template <typename Target>
  void read(const std::vector<Option<Target>>& options, const std::string& owner, Target& target) {
    for (const Option<Target>& option : options) {
      const std::string path = owner + option.path;
      const std::string own_name = variable_of(path);
      read_variable(option, target, path, own_name);
      if (!option.variable.empty()) read_variable(option, target, path, option.variable);
    }
  }

  // What begins like one of ours and is none. Kubernetes sets RELAY_PORT and the like for a service
  // of that name, so in the environment it is only worth a warning.
  void report_unknown() {
    for (const auto& [name, variable] : env_file_) {
      const bool is_ours = name.starts_with("RELAY_");
      const std::string hint = suggestion(name, names_);
      if (is_known(name) || (!is_ours && hint.empty())) continue;
      std::string message = fmt::format("unknown variable {}{}", name, hint);
      if (is_ours) {
        draft_.fail(variable.place, std::move(message));
      } else {
        draft_.warnings.push_back(variable.place + ": " + message);
      }
    }
    for (const auto& [name, variable] : environment_) {
      if (!name.starts_with("RELAY_") || is_known(name)) continue;
      draft_.warnings.push_back(
          fmt::format("unknown environment variable {}{}", name, suggestion(name, names_)));
    }
  }

 private:
  [[nodiscard]] bool is_known(const std::string& name) const {
    return std::ranges::find(names_, name) != names_.end();
  }

  [[nodiscard]] const Variable* find(const std::string& name) {
    names_.push_back(name);
    for (const Variables* variables : {&environment_, &env_file_}) {
      const auto found = variables->find(name);
      if (found != variables->end() && !found->second.value.empty()) return &found->second;
    }
    return nullptr;
  }

  template <typename Target>
  void read_variable(const Option<Target>& option, Target& target, const std::string& path,
                     const std::string& name) {
    const Variable* value = find(name);
    const Variable* file = option.is_secret ? find(name + "_FILE") : nullptr;
    if (value != nullptr && file != nullptr) {
      draft_.fail(value->place, fmt::format("both {0} and {0}_FILE are set", name));
    } else if (file != nullptr) {
      assign_from_file(option, target, path, *file);
    } else if (value != nullptr) {
      assign(option, target, path, value->value, value->place);
    }
  }

  template <typename Target>
  void assign_from_file(const Option<Target>& option, Target& target, const std::string& path,
                        const Variable& file) {
    const auto text = read_secret_file(file.value);
    if (!text) return draft_.fail(file.place, text.error());
    assign(option, target, path, *text, fmt::format("{} ({})", file.place, file.value));
  }

  template <typename Target>
  void assign(const Option<Target>& option, Target& target, const std::string& path,
              const std::string& text, const std::string& place) {
    const auto texts = option.is_list ? split_list(text) : std::vector{text};
    draft_.assign(option, target, path, texts, place);
  }

  const Variables& env_file_;
  const Variables& environment_;
  ConfigDraft& draft_;
  std::vector<std::string> names_;
};

template <typename Target>
bool read_flag(const FlagValue& given, const std::vector<Option<Target>>& options,
               const std::string& owner, Target& target, ConfigDraft& draft) {
  const auto option = std::ranges::find(options, given.flag, &Option<Target>::flag);
  if (option == options.end()) return false;
  std::vector<std::string> texts;
  for (const std::string& text : given.texts) {
    if (!option->is_list) texts.push_back(text);
    if (option->is_list) std::ranges::move(split_list(text), std::back_inserter(texts));
  }
  draft.assign(*option, target, owner + option->path, texts, given.flag);
  return true;
}

void read_flags(const std::vector<FlagValue>& flags, ConfigDraft& draft) {
  const std::string primary = std::string{primary_path} + ".";
  for (const FlagValue& given : flags) {
    const bool is_known =
        read_flag(given, config_options(), "", draft.config, draft) ||
        read_flag(given, upstream_options(), primary, draft.config.upstreams.front(), draft);
    if (!is_known) draft.fail(given.flag, "no such option");
  }
}

Variables read_env_file(const ConfigInputs& inputs, ConfigDraft& draft) {
  const fs::path file = fs::path{inputs.folder} / ".env";
  std::error_code failed;
  if (!fs::exists(file, failed)) return {};
  const auto text = read_file(file, limits::config_file_bytes_max);
  if (!text) {
    draft.fail(file, text.error());
    return {};
  }
  warn_of_open_file(file, draft);
  return parse_env_file(file.lexically_normal().string(), *text, inputs.environment, draft);
}

void read_yaml_file(const ConfigInputs& inputs, const Variables& env_file, ConfigDraft& draft) {
  const fs::path usual = fs::path{inputs.folder} / "config.yaml";
  const fs::path file = inputs.config_file ? fs::path{*inputs.config_file} : usual;
  std::error_code failed;
  if (!inputs.config_file && !fs::exists(file, failed)) return;
  const auto text = read_file(file, limits::config_file_bytes_max);
  if (!text) return draft.fail(file, text.error());
  warn_of_open_file(file, draft);

  const auto find = [&](std::string_view name) {
    return find_variable(name, {&inputs.environment, &env_file});
  };
  read_yaml_config(file.lexically_normal().string(), *text, find, draft);
}

// systemd says where state belongs.
void use_state_directory(const Variables& environment, ConfigDraft& draft) {
  const auto state = environment.find("STATE_DIRECTORY");
  if (state == environment.end() || state->second.value.empty()) return;
  draft.config.data_dir = state->second.value.substr(0, state->second.value.find(':'));
  draft.sources["data_dir"] = state->second.place;
}

}  // namespace

std::expected<LoadedConfig, Problems> load_config(const ConfigInputs& inputs) {
  ConfigDraft draft;
  draft.config.upstreams.resize(1);  // upstream.primary
  use_state_directory(inputs.environment, draft);
  const Variables env_file = read_env_file(inputs, draft);
  read_yaml_file(inputs, env_file, draft);

  VariableReader variables{env_file, inputs.environment, draft};
  variables.read(config_options(), "", draft.config);
  variables.read(upstream_options(), std::string{primary_path} + ".",
                 draft.config.upstreams.front());
  variables.report_unknown();
  read_flags(inputs.flags, draft);

  check_config(draft);
  load_prices(draft.config, draft.problems);
  if (!draft.problems.empty()) return std::unexpected(std::move(draft.problems));
  return LoadedConfig{std::move(draft.config), std::move(draft.sources), std::move(draft.warnings)};
}

}  // namespace relay::app
