#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "store/sqlite_copy.h"

namespace relay::app {
namespace {

using nlohmann::json;

// Where the store lies; said why not, if it is no file of ours.
std::optional<std::filesystem::path> store_file(const ConfigInputs& inputs,
                                                const Terminal& terminal, int& code) {
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  code = exit_bad_config;
  if (!loaded) return std::nullopt;
  code = exit_usage;
  auto file = sqlite_file(loaded->config);
  if (!file) {
    fmt::print(terminal.err,
               "The store is a PostgreSQL: use pg_dump and pg_restore, which know it best.\n");
  }
  return file;
}

void report(const char* what, const std::string& file, const Terminal& terminal, bool as_json) {
  if (as_json) {
    fmt::print(terminal.out, "{}\n", json{{what, file}}.dump());
  } else if (!file.empty()) {
    fmt::print(terminal.out, "{}: {}\n", what, file);
  }
}

}  // namespace

int run_backup(const ConfigInputs& inputs, const CopyOptions& options, const Terminal& terminal) {
  int code = exit_ok;
  const auto file = store_file(inputs, terminal, code);
  if (!file) return code;
  const Result<void> copied = store::back_up_database(*file, options.file);
  if (!copied) return fail(copied.error(), terminal);
  report("backup", options.file, terminal, options.prints_json);
  return exit_ok;
}

int run_restore(const ConfigInputs& inputs, const CopyOptions& options, const Terminal& terminal) {
  int code = exit_ok;
  const auto file = store_file(inputs, terminal, code);
  if (!file) return code;
  const auto aside = store::restore_database(options.file, *file, SystemClock{}.wall());
  if (!aside) return fail(aside.error(), terminal);
  report("kept_before", aside->string(), terminal, options.prints_json);
  return exit_ok;
}

}  // namespace relay::app
