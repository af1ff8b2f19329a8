#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <sstream>

#include "app/commands.h"
#include "app/options.h"
#include "app/version.h"

namespace relay::app {
namespace {

// The flags that change the configuration, as CLI11 fills them.
class ConfigFlags {
 public:
  explicit ConfigFlags(const ConfigInputs& surroundings) : surroundings_{surroundings} {}

  void add_to(CLI::App& command) {
    command.add_option("--config", config_file_, "The configuration file.")->type_name("FILE");
    add_flags(command, config_options());
    add_flags(command, upstream_options());
  }

  [[nodiscard]] ConfigInputs inputs() const {
    ConfigInputs inputs = surroundings_;
    if (!config_file_.empty()) inputs.config_file = config_file_;
    for (const auto& [flag, texts] : given_) {
      if (!texts.empty()) inputs.flags.push_back({flag, texts});
    }
    return inputs;
  }

 private:
  template <typename Target>
  void add_flags(CLI::App& command, const std::vector<Option<Target>>& options) {
    for (const Option<Target>& option : options) {
      if (option.flag.empty()) continue;
      auto* flag = command.add_option(option.flag, given_[option.flag], option.about);
      flag->type_name("VALUE")->allow_extra_args(false);
      if (!option.is_list) flag->expected(1);
    }
  }

  const ConfigInputs& surroundings_;
  std::string config_file_;
  std::map<std::string, std::vector<std::string>> given_;
};

// Everything the parser writes into. Lives as long as it.
struct CommandLine {
  CommandLine(const ConfigInputs& surroundings, const Terminal& its_terminal)
      : terminal{its_terminal}, flags{surroundings} {
    parser.require_subcommand(1);
    parser.set_version_flag("--version",
                            [] { return std::string{"relay-station "} + std::string{version()}; });
    add_serve();
    add_simulate();
    add_key();
    add_check();
    add_healthcheck();
    add_version();
    add_fsck();
    add_copy("backup", "Copy the embedded store to a file, also while the relay runs.", run_backup);
    add_copy("restore", "Put a copy in the place of the embedded store.", run_restore);
  }

  void add_serve() {
    CLI::App* command = parser.add_subcommand("serve", "Run the relay.");
    flags.add_to(*command);
    command->add_flag("--demo", serve_options.has_demo,
                      "With no upstream configured, use the simulator and make a key to try it.");
    command->callback([this] { code = run_serve(flags.inputs(), serve_options, terminal); });
  }

  void add_simulate() {
    CLI::App* command =
        parser.add_subcommand("simulate", "Run an upstream that behaves as the Messages API does.");
    command->add_option("--listen", simulate.listen, "Where.")->type_name("ADDRESS:PORT");
    command->add_option("--credential", simulate.credential, "The key that it takes.");
    command->add_option("--public-url", simulate.public_url, "What absolute URLs begin with.");
    command->add_option("--log", simulate.log_file, "Gets a line of JSON for every request.");
    command->callback([this] { code = run_simulate(simulate, terminal); });
  }

  void add_key() {
    CLI::App* command = parser.add_subcommand("key", "Manage the keys of clients.");
    command->require_subcommand(1);
    add_key_create(*command);
    add_key_action(*command, "list", "Show all keys.", KeyAction::list);
    add_key_action(*command, "disable", "Refuse a key from now on.", KeyAction::disable);
    add_key_action(*command, "enable", "Take a disabled key again.", KeyAction::enable);
    add_key_action(*command, "delete", "Delete a key for good.", KeyAction::remove);
  }

  void add_key_create(CLI::App& parent) {
    CLI::App* command =
        add_key_action(parent, "create", "Create a key and show it, once.", KeyAction::create);
    command->add_option("--name", key.name, "Whose it is.")->required();
    command->add_option("--description", key.description, "What it is for.");
    command->add_option("--token-limit", key.token_limit, "Tokens it may use in all.");
    command->add_option("--tier", key.tier, "Its rate limit.");
    command->add_option("--expires-at", key.expires_at, "Such as 2027-01-31T00:00:00Z.");
    command->add_flag("--print-env", key.prints_environment,
                      "Show the lines for a client's shell.");
  }

  CLI::App* add_key_action(CLI::App& parent, const std::string& name, const std::string& about,
                           KeyAction action) {
    CLI::App* command = parent.add_subcommand(name, about);
    flags.add_to(*command);
    command->add_flag("--json", key.prints_json, "As JSON.");
    if (action != KeyAction::create && action != KeyAction::list) {
      command->add_option("key", key.key, "Its id, name or prefix.")->required();
    }
    command->callback([this, action] {
      key.action = action;
      code = run_key(flags.inputs(), key, terminal);
    });
    return command;
  }

  void add_check() {
    CLI::App* command = parser.add_subcommand("check", "Look for faults in the configuration.");
    flags.add_to(*command);
    command->add_flag("-t", check.is_test, "The same, for those who are used to it.");
    command->add_flag("--dump", check.dumps, "Show the effective configuration.");
    command->add_flag("--options", check.lists_options, "Show all options as a table.");
    command->callback([this] { code = run_check(flags.inputs(), check, terminal); });
  }

  void add_healthcheck() {
    CLI::App* command = parser.add_subcommand("healthcheck", "Ask a running relay how it is.");
    flags.add_to(*command);
    command->callback([this] { code = run_healthcheck(flags.inputs(), terminal); });
  }

  void add_version() {
    CLI::App* command = parser.add_subcommand("version", "Say which version this is.");
    command->add_flag("--json", version_as_json, "As JSON.");
    command->callback([this] { code = run_version(version_as_json, terminal); });
  }

  void add_fsck() {
    CLI::App* command =
        parser.add_subcommand("fsck", "Check every sum in the store against what it is a sum of.");
    flags.add_to(*command);
    command->add_flag("--json", fsck.prints_json, "As JSON.");
    command->callback([this] { code = run_fsck(flags.inputs(), fsck, terminal); });
  }

  using RunCopy = int (*)(const ConfigInputs&, const CopyOptions&, const Terminal&);
  void add_copy(const std::string& name, const std::string& about, RunCopy run) {
    CLI::App* command = parser.add_subcommand(name, about);
    flags.add_to(*command);
    command->add_option("file", copy.file, "The copy.")->required();
    command->add_flag("--json", copy.prints_json, "As JSON.");
    command->callback([this, run] { code = run(flags.inputs(), copy, terminal); });
  }

  const Terminal& terminal;
  CLI::App parser{"A relay in front of the Claude API.", "relay-station"};
  ConfigFlags flags;
  ServeOptions serve_options;
  SimulateOptions simulate;
  KeyOptions key;
  CheckOptions check;
  FsckOptions fsck;
  CopyOptions copy;
  bool version_as_json = false;
  int code = exit_ok;
};

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const ConfigInputs& surroundings,
                     const Terminal& terminal) {
  CommandLine line{surroundings, terminal};
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend() - 1};
    line.parser.parse(std::move(reversed));
    return line.code;
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = line.parser.exit(error, out, err);
    fmt::print(terminal.out, "{}", out.str());
    fmt::print(terminal.err, "{}", err.str());
    return code == 0 ? exit_ok : exit_usage;
  }
}

}  // namespace relay::app
