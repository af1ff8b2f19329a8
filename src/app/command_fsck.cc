#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "base/json_text.h"
#include "base/limits.h"
#include "store/open_store.h"

namespace relay::app {
namespace {

using nlohmann::json;

void print_json(const std::vector<core::Difference>& differences, const Terminal& terminal) {
  json shown = {{"ok", differences.empty()}, {"differences", json::array()}};
  for (const core::Difference& difference : differences) {
    shown["differences"].push_back(
        {{"where", difference.where}, {"count", difference.count}, {"excess", difference.excess}});
  }
  fmt::print(terminal.out, "{}\n", shown.dump());
}

void print_text(const std::vector<core::Difference>& differences, const Terminal& terminal) {
  for (const core::Difference& difference : differences) {
    std::string where;  // Names a model, which somebody else has chosen.
    append_json_escaped(where, difference.where);
    fmt::print(terminal.out, "{}: {} is off by {}\n", where, difference.count, difference.excess);
  }
  if (differences.empty()) {
    fmt::print(terminal.out, "all sums agree\n");
  } else {
    fmt::print(terminal.err,
               "The sums do not agree. Keep a copy (relay-station backup FILE) before anything "
               "else.\n");
  }
}

}  // namespace

int run_fsck(const ConfigInputs& inputs, const FsckOptions& options, const Terminal& terminal) {
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  const SystemClock clock;
  const auto store = store::open_store_to_read(store_url(loaded->config), clock);
  const auto differences = store ? (*store)->check() : std::unexpected<Error>(store.error());
  if (!differences) {
    fmt::print(terminal.err, "The store cannot be checked: {}\n", differences.error().detail);
    return exit_failure;
  }
  options.prints_json ? print_json(*differences, terminal) : print_text(*differences, terminal);
  return differences->empty() ? exit_ok : exit_failure;
}

}  // namespace relay::app
