#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>

#include "app/command_line.h"
#include "app/load_config.h"
#include "app/price_flags.h"
#include "app/term_flags.h"

// What each command does, once its arguments are known. All return an ExitCode.
namespace relay::app {

struct ServeOptions {
  bool has_demo = false;  // Where no upstream is configured, the simulator and a key to try it.
};
int run_serve(const ConfigInputs& inputs, const ServeOptions& options, const Terminal& terminal);

struct CheckOptions {
  bool is_test = true;         // -t: what it does anyway.
  bool dumps = false;          // Show the effective configuration.
  bool lists_options = false;  // Show the table of all options instead.
};
int run_check(const ConfigInputs& inputs, const CheckOptions& options, const Terminal& terminal);

// 0 if the relay that this configuration describes says at /health that it is alive.
int run_healthcheck(const ConfigInputs& inputs, const Terminal& terminal);

struct SimulateOptions {
  std::string listen = "127.0.0.1:0";
  std::string credential = "sk-ant-simulated";
  std::string public_url;
  std::string log_file;
};
int run_simulate(const SimulateOptions& options, const Terminal& terminal);

// Parameters of the admin API, by name: "unused_days".
using ApiFilters = std::map<std::string, std::string>;

enum class KeyAction : std::uint8_t { create, list, show, update, rotate, disable, enable, remove };

struct KeyOptions {
  KeyAction action = KeyAction::list;
  std::string key;  // What is meant: an id, a name or a prefix.
  TermFlags terms;
  std::optional<std::int64_t> count;          // Keys to create at once.
  std::optional<std::int64_t> grace_seconds;  // For which the old text stays good.
  ApiFilters filters;
  bool prints_json = false;
  bool prints_environment = false;  // The lines that make a client use the new key.
};
int run_key(const ConfigInputs& inputs, const KeyOptions& options, const Terminal& terminal);

struct UsageOptions {
  bool exports = false;
  ApiFilters filters;
  bool prints_json = false;  // One line for each row, when it exports. Otherwise it is CSV.
};
int run_usage(const ConfigInputs& inputs, const UsageOptions& options, const Terminal& terminal);

enum class TierAction : std::uint8_t { list, set, remove };

struct TierOptions {
  TierAction action = TierAction::list;
  std::string name;
  std::optional<std::int64_t> requests;
  std::optional<std::int64_t> period_seconds;
  std::optional<std::int64_t> tokens_per_minute;
  std::optional<std::int64_t> count_tokens_requests;
  bool prints_json = false;
};
int run_tier(const ConfigInputs& inputs, const TierOptions& options, const Terminal& terminal);

enum class PriceAction : std::uint8_t { list, check, set, reprice };

struct PriceOptions {
  PriceAction action = PriceAction::list;
  bool shows_all = false;  // Of list: also what does not hold any more.
  int days = 90;           // Of check: after which a row should be looked at again.
  std::string model;       // Of set,
  PriceFlags row;          // and what it costs.
  ApiFilters period;       // Of reprice: from, and to or else now.
  bool is_dry_run = false;
  bool prints_json = false;
};
// check: exit_failure if there is something to be done.
int run_price(const ConfigInputs& inputs, const PriceOptions& options, const Terminal& terminal);

// Sets the administrator's password, which is read from `terminal.in`.
int run_admin_passwd(const ConfigInputs& inputs, const Terminal& terminal);

struct FsckOptions {
  bool prints_json = false;
};
// Whether all sums in the store agree with what they are sums of; exit_failure if one does not. The
// relay may run meanwhile.
int run_fsck(const ConfigInputs& inputs, const FsckOptions& options, const Terminal& terminal);

struct CopyOptions {
  std::string file;
  bool prints_json = false;
};
// Copies the embedded store to a file, also while the relay runs.
int run_backup(const ConfigInputs& inputs, const CopyOptions& options, const Terminal& terminal);
// Puts such a copy in the place of the store. The relay must not run.
int run_restore(const ConfigInputs& inputs, const CopyOptions& options, const Terminal& terminal);

enum class MigrateAction : std::uint8_t { status, up, down };

struct MigrateOptions {
  MigrateAction action = MigrateAction::status;
  int version = 0;            // Of down: where to.
  bool is_confirmed = false;  // Of down: without, it only says what it would do.
  bool prints_json = false;
};
// Shows or changes the schema of the store. status: exit_failure if no relay of this version would
// start on it.
int run_migrate(const ConfigInputs& inputs, const MigrateOptions& options,
                const Terminal& terminal);

struct NewMigrationOptions {
  std::string name;
  std::string into = "src/store/migrations";
  bool prints_json = false;
};
// Writes the files of the next step into the source. For who develops.
int run_new_migration(const NewMigrationOptions& options, const Terminal& terminal);

int run_version(bool prints_json, const Terminal& terminal);

// The configuration; what is wrong with it has been said when there is none.
[[nodiscard]] std::optional<LoadedConfig> load_or_explain(const ConfigInputs& inputs,
                                                          const Terminal& terminal);

void explain(const Problems& problems, const Terminal& terminal);

// Says what went wrong; gives what the process should exit with.
int fail(const Error& error, const Terminal& terminal);

}  // namespace relay::app
