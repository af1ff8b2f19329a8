#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/write_file.h"
#include "base/json_text.h"
#include "base/rfc3339.h"
#include "store/new_migration.h"
#include "store/schema.h"

namespace relay::app {
namespace {

using nlohmann::json;
using store::MigrationState;
using store::MigrationStatus;

const char* to_string(MigrationState state) noexcept {
  switch (state) {
    case MigrationState::applied: return "applied";
    case MigrationState::pending: return "pending";
    case MigrationState::edited: return "edited";
    case MigrationState::unknown: return "unknown";
  }
  return "";
}

// Whether a relay of this version starts on it, migrating it if need be.
bool is_usable(const std::vector<MigrationStatus>& steps) {
  return std::ranges::all_of(steps, [](const MigrationStatus& step) {
    return step.state == MigrationState::applied || step.state == MigrationState::pending;
  });
}

int version_of(const std::vector<MigrationStatus>& steps) {
  int version = 0;
  for (const MigrationStatus& step : steps) {
    if (step.state != MigrationState::pending) version = step.version;
  }
  return version;
}

void print_json(const std::vector<MigrationStatus>& steps, const Terminal& terminal) {
  json shown = {{"version", version_of(steps)}, {"ok", is_usable(steps)}, {"steps", json::array()}};
  for (const MigrationStatus& step : steps) {
    shown["steps"].push_back(
        {{"version", step.version},
         {"name", step.name},
         {"state", to_string(step.state)},
         {"applied_at", step.applied_at ? json(to_rfc3339(*step.applied_at)) : json()}});
  }
  fmt::print(terminal.out, "{}\n", shown.dump(-1, ' ', true, json::error_handler_t::replace));
}

// It may come from a database that is not ours.
std::string shown(const std::string& name) {
  std::string text;
  append_json_escaped(text, name);
  return text;
}

void print_text(const std::vector<MigrationStatus>& steps, const Terminal& terminal) {
  for (const MigrationStatus& step : steps) {
    fmt::print(terminal.out, "{:04}  {:<8}  {:<24}  {}\n", step.version, to_string(step.state),
               step.applied_at ? to_rfc3339(*step.applied_at) : "", shown(step.name));
  }
  if (!is_usable(steps)) {
    fmt::print(terminal.err,
               "This version of relay-station does not start on this schema. Run the version that "
               "made it.\n");
  }
}

int show_status(const std::string& url, const MigrateOptions& options, const Terminal& terminal) {
  const auto steps = store::schema_status(url);
  if (!steps) return fail(steps.error(), terminal);
  options.prints_json ? print_json(*steps, terminal) : print_text(*steps, terminal);
  return is_usable(*steps) ? exit_ok : exit_failure;
}

int report(const Result<store::SchemaChange>& change, const MigrateOptions& options,
           const Terminal& terminal) {
  if (!change) return fail(change.error(), terminal);
  const std::string copy = change->copy.string();
  if (options.prints_json) {
    fmt::print(terminal.out, "{}\n",
               json{{"from", change->from},
                    {"to", change->to},
                    {"copy", copy.empty() ? json() : json(copy)}}
                   .dump());
    return exit_ok;
  }
  fmt::print(terminal.out, "schema: {} -> {}\n", change->from, change->to);
  if (!copy.empty()) fmt::print(terminal.out, "copy of schema {}: {}\n", change->from, copy);
  return exit_ok;
}

int explain_down(const std::string& url, const MigrateOptions& options, const Terminal& terminal) {
  const auto steps = store::schema_status(url);
  if (!steps) return fail(steps.error(), terminal);
  const Result<void> is_way = store::check_way_down(version_of(*steps), options.version);
  if (!is_way) return fail(is_way.error(), terminal);
  for (const MigrationStatus& step : *steps) {
    if (step.version <= options.version || step.state == MigrationState::pending) continue;
    fmt::print(terminal.err, "would undo {:04} {}\n", step.version, shown(step.name));
  }
  fmt::print(terminal.err,
             "Nothing was done. What only these steps can hold would be lost; of a PostgreSQL no "
             "copy is made, so take one with pg_dump first. To do it, say --yes.\n");
  return exit_usage;
}

}  // namespace

int run_migrate(const ConfigInputs& inputs, const MigrateOptions& options,
                const Terminal& terminal) {
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  const std::string url = store_url(loaded->config);
  const WallTime now = SystemClock{}.wall();
  switch (options.action) {
    case MigrateAction::status: return show_status(url, options, terminal);
    case MigrateAction::up: break;
    case MigrateAction::down:
      if (!options.is_confirmed) return explain_down(url, options, terminal);
      return report(store::migrate_down(url, options.version, now), options, terminal);
  }
  if (const auto file = sqlite_file(loaded->config)) {
    const auto made = make_data_directory(file->parent_path());
    if (!made) {
      fmt::print(terminal.err, "{}\n", made.error());
      return exit_failure;
    }
  }
  return report(store::migrate_up(url, now), options, terminal);
}

int run_new_migration(const NewMigrationOptions& options, const Terminal& terminal) {
  const auto files = store::new_migration(options.into, options.name);
  if (!files) return fail(files.error(), terminal);
  json shown = {{"files", json::array()}};
  for (const std::filesystem::path& file : *files) {
    shown["files"].push_back(file.string());
    if (!options.prints_json) fmt::print(terminal.out, "{}\n", file.string());
  }
  if (options.prints_json) fmt::print(terminal.out, "{}\n", shown.dump());
  return exit_ok;
}

}  // namespace relay::app
