#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <sstream>
#include <system_error>

#include "app/commands.h"
#include "app/config_flags.h"
#include "app/suggest.h"
#include "app/version.h"

namespace relay::app {
namespace {

std::string fault_in_step(const std::string& text) {
  int step = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, step);
  if (error == std::errc{} && rest == end && step >= 0) return {};
  return "expected the number of a step, as `relay-station migrate status` shows, or 0";
}

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
    add_usage();
    add_tier();
    add_price();
    add_admin();
    add_check();
    add_healthcheck();
    add_version();
    add_fsck();
    add_copy("backup", "Copy the embedded store to a file, also while the relay runs.", run_backup);
    add_copy("restore", "Put a copy in the place of the embedded store.", run_restore);
    add_migrate();
  }

  void add_serve() {
    CLI::App* command = parser.add_subcommand("serve", "Run the relay.");
    flags.add_to(*command);
    command->add_flag("--demo", serve_options.has_demo,
                      "With no upstream configured, use the simulator and make a key to try it.");
    command->callback([this] {
      has_result = false;
      code = run_serve(flags.inputs(), serve_options, terminal);
    });
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
    add_key_list(*command);
    add_key_action(*command, "show", "Show one key.", KeyAction::show);
    CLI::App* update =
        add_key_action(*command, "update", "Change what a key may do.", KeyAction::update);
    key.terms.add_to(*update);
    CLI::App* rotate = add_key_action(
        *command, "rotate", "Give a key a new text and show it, once.", KeyAction::rotate);
    rotate->add_option("--grace-seconds", key.grace_seconds,
                       "How long the old text stays good; 0 is not at all, default a day.");
    add_key_action(*command, "disable", "Refuse a key from now on.", KeyAction::disable);
    add_key_action(*command, "enable", "Take a disabled key again.", KeyAction::enable);
    add_key_action(*command, "delete", "Delete a key for good.", KeyAction::remove);
  }

  void add_key_create(CLI::App& parent) {
    CLI::App* command =
        add_key_action(parent, "create", "Create a key and show it, once.", KeyAction::create);
    key.terms.add_to(*command);
    command->get_option("--name")->required();
    command->add_option("--count", key.count, "Create so many, called NAME-1 and so on.");
    command->add_flag("--print-env", key.prints_environment,
                      "Show the lines for a client's shell.");
  }

  void add_key_list(CLI::App& parent) {
    CLI::App* command = add_key_action(parent, "list", "Show keys.", KeyAction::list);
    add_filters(*command, key.filters,
                {{"search", "A part of the name, owner, description or prefix."},
                 {"status", "active, disabled, expired or exhausted."},
                 {"tag", "Those with this tag."},
                 {"tier", "Those in this tier."},
                 {"owner", "Those of this owner."},
                 {"unused_days", "Those not used for so many days."},
                 {"sort", "created, name, tokens_used, cost_used, last_used or expires."},
                 {"order", "asc or desc."}});
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

  struct Filter {
    const char* parameter;  // "unused_days", for --unused-days.
    const char* about;
  };
  static void add_filters(CLI::App& command, ApiFilters& filters,
                          std::initializer_list<Filter> list) {
    for (const auto& [parameter, about] : list) {
      std::string flag = std::string{"--"} + parameter;
      std::ranges::replace(flag, '_', '-');
      const auto keep = [&filters, parameter](const std::string& text) {
        filters[parameter] = text;
      };
      command.add_option_function<std::string>(flag, keep, about)->type_name("TEXT");
    }
  }

  void add_usage() {
    CLI::App* command = parser.add_subcommand("usage", "Show what was used.");
    command->require_subcommand(1);
    add_usage_command(*command, "summary", "Show sums.", false);
    CLI::App* exported = add_usage_command(
        *command, "export", "Write each exchange, or sums if --by or --bucket is given.", true);
    exported->add_flag("--csv")->description("As comma-separated values, which is the default.");
    exported->add_flag("--jsonl", usage.prints_json, "As a line of JSON for each row.")
        ->excludes("--csv");
  }

  CLI::App* add_usage_command(CLI::App& parent, const std::string& name, const std::string& about,
                              bool exports) {
    CLI::App* command = parent.add_subcommand(name, about);
    flags.add_to(*command);
    command->add_flag("--json", usage.prints_json, "As JSON.");
    add_filters(*command, usage.filters,
                {{"from", "A date or a time; default 30 days ago."},
                 {"to", "A date, which is still meant, or a time."},
                 {"tz", "The time zone of dates, such as Asia/Shanghai."},
                 {"bucket", "hour, day or month."},
                 {"by", "One or two of key, model, tag, tier, outcome, separated by a comma."},
                 {"key", "Of one key: its id, name or prefix."},
                 {"tag", "Of keys with this tag."},
                 {"tier", "Of keys in this tier."},
                 {"model", "Of one model."},
                 {"outcome", "complete, client_gone, upstream_failed, refused or abandoned."}});
    command->callback([this, exports] {
      usage.exports = exports;
      code = run_usage(flags.inputs(), usage, terminal);
    });
    return command;
  }

  void add_tier() {
    CLI::App* command = parser.add_subcommand("tier", "Manage how fast keys may ask.");
    command->require_subcommand(1);
    add_tier_action(*command, "list", "Show all tiers.", TierAction::list);
    CLI::App* set = add_tier_action(*command, "set", "Create or replace a tier.", TierAction::set);
    set->add_option("--requests", tier.requests, "Requests in a period; without it, any number.");
    set->add_option("--period-seconds", tier.period_seconds, "The period; default 60.");
    set->add_option("--tokens-per-minute", tier.tokens_per_minute, "Tokens of all kinds.");
    set->add_option("--count-tokens-requests", tier.count_tokens_requests,
                    "Requests to count tokens in a period; default as many as others.");
    add_tier_action(*command, "delete", "Delete a tier that no key is in.", TierAction::remove);
  }

  CLI::App* add_tier_action(CLI::App& parent, const std::string& name, const std::string& about,
                            TierAction action) {
    CLI::App* command = parent.add_subcommand(name, about);
    flags.add_to(*command);
    command->add_flag("--json", tier.prints_json, "As JSON.");
    if (action != TierAction::list) command->add_option("tier", tier.name, "Its name.")->required();
    command->callback([this, action] {
      tier.action = action;
      code = run_tier(flags.inputs(), tier, terminal);
    });
    return command;
  }

  void add_price() {
    CLI::App* command = parser.add_subcommand("price", "Manage what models cost.");
    command->require_subcommand(1);
    CLI::App* list =
        add_price_action(*command, "list", "Show the prices that hold.", PriceAction::list);
    list->add_flag("--all", price.shows_all, "Also those that hold no more.");
    CLI::App* checked = add_price_action(
        *command, "check", "Look for what has no price and for old rows.", PriceAction::check);
    checked
        ->add_option("--days", price.days,
                     "After how many days a row should be compared with its source again.")
        ->check(CLI::Range(0, 36'500))
        ->capture_default_str();
    add_price_set(*command);
    CLI::App* reprice = add_price_action(
        *command, "reprice", "Charge a period by the prices of today.", PriceAction::reprice);
    add_filters(*reprice, price.period,
                {{"from", "A date or a time."},
                 {"to", "A date, which is still meant, or a time; default now."}});
    reprice->get_option("--from")->required();
    reprice->add_flag("--dry-run", price.is_dry_run, "Say what would be done and do nothing.");
  }

  CLI::App* add_price_action(CLI::App& parent, const std::string& name, const std::string& about,
                             PriceAction action) {
    CLI::App* command = parent.add_subcommand(name, about);
    flags.add_to(*command);
    command->add_flag("--json", price.prints_json, "As JSON.");
    command->callback([this, action] {
      price.action = action;
      code = run_price(flags.inputs(), price, terminal);
    });
    return command;
  }

  void add_price_set(CLI::App& parent) {
    CLI::App* command =
        add_price_action(parent, "set", "Set what a model costs from now on.", PriceAction::set);
    command->add_option("model", price.model, "Its id.")->required();
    price.row.add_to(*command);
  }

  void add_admin() {
    CLI::App* command = parser.add_subcommand("admin", "Manage the administrator's access.");
    command->require_subcommand(1);
    CLI::App* passwd = command->add_subcommand(
        "passwd", "Set the administrator's password, read from standard input.");
    flags.add_to(*passwd);
    passwd->callback([this] { code = run_admin_passwd(flags.inputs(), terminal); });
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

  void add_migrate() {
    CLI::App* command = parser.add_subcommand("migrate", "Manage the schema of the store.");
    command->require_subcommand(1);
    add_migrate_action(*command, "status", "Show which steps the store has taken.",
                       MigrateAction::status);
    add_migrate_action(*command, "up", "Take every step that there is, as serve does.",
                       MigrateAction::up);
    CLI::App* down = add_migrate_action(
        *command, "down", "Undo every step after one, with what only they could hold.",
        MigrateAction::down);
    down->add_option("version", migrate.version, "The step to go back to; 0 leaves nothing.")
        ->check(fault_in_step)
        ->required();
    down->add_flag("--yes", migrate.is_confirmed, "Do it. Without, it only says what it would do.");
    add_migrate_new(*command);
  }

  CLI::App* add_migrate_action(CLI::App& parent, const std::string& name, const std::string& about,
                               MigrateAction action) {
    CLI::App* command = parent.add_subcommand(name, about);
    flags.add_to(*command);
    command->add_flag("--json", migrate.prints_json, "As JSON.");
    command->callback([this, action] {
      migrate.action = action;
      code = run_migrate(flags.inputs(), migrate, terminal);
    });
    return command;
  }

  void add_migrate_new(CLI::App& parent) {
    CLI::App* command =
        parent.add_subcommand("new", "Write the files of a new step into the source of this.");
    command->add_option("name", new_migration.name, "Such as key_colours.")->required();
    command->add_option("--into", new_migration.into, "Where the migrations lie.")
        ->type_name("DIRECTORY")
        ->capture_default_str();
    command->add_flag("--json", new_migration.prints_json, "As JSON.");
    command->callback([this] { code = run_new_migration(new_migration, terminal); });
  }

  const Terminal& terminal;
  CLI::App parser{"A relay in front of the Claude API.", "relay-station"};
  ConfigFlags flags;
  ServeOptions serve_options;
  SimulateOptions simulate;
  KeyOptions key;
  UsageOptions usage;
  TierOptions tier;
  PriceOptions price;
  CheckOptions check;
  FsckOptions fsck;
  CopyOptions copy;
  MigrateOptions migrate;
  NewMigrationOptions new_migration;
  bool version_as_json = false;
  bool has_result = true;  // In `out`. A relay serves, whether or not anybody reads what it says.
  int code = exit_ok;
};

// What is said of a word where a command has to be; empty: there is none. Of a word that is there
// the parser says only that a command is missing.
std::string unknown_command(const CLI::App& parser) {
  const CLI::App* app = &parser;
  std::string path;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    path += app->get_name() + ' ';
  }
  std::vector<std::string> names;
  for (const CLI::App* each : app->get_subcommands({})) names.push_back(each->get_name());
  const std::vector<std::string> words = app->remaining();
  if (names.empty() || words.empty() || words.front().starts_with('-')) return {};
  return fmt::format("there is no command '{}{}'{}", path, words.front(),
                     suggestion(words.front(), names));
}

// A list that is cut, or a key that nobody has seen, is no success.
int delivered(int code, const Terminal& terminal) {
  if (std::fflush(terminal.out) == 0 && std::ferror(terminal.out) == 0) return code;
  fmt::print(terminal.err, "cannot write the output\n");
  return exit_failure;
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const ConfigInputs& surroundings,
                     const Terminal& terminal) {
  CommandLine line{surroundings, terminal};
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend() - 1};
    line.parser.parse(std::move(reversed));
    return line.has_result ? delivered(line.code, terminal) : line.code;
  } catch (const std::system_error& error) {  // Of fmt::print, which has no other way.
    fmt::print(terminal.err, "{}\n", error.what());
    return exit_failure;
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = line.parser.exit(error, out, err);
    const std::string unknown = code == 0 ? "" : unknown_command(line.parser);
    if (!unknown.empty()) {
      fmt::print(terminal.err, "{}\nRun with --help for more information.\n", unknown);
      return exit_usage;
    }
    fmt::print(terminal.out, "{}", out.str());
    fmt::print(terminal.err, "{}", err.str());
    return code == 0 ? exit_ok : exit_usage;
  }
}

}  // namespace relay::app
