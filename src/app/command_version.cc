#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/version.h"

namespace relay::app {

int run_version(bool prints_json, const Terminal& terminal) {
  if (prints_json) {
    const nlohmann::json shown = {
        {"version", version()}, {"commit", commit()}, {"compiler", compiler()}};
    fmt::print(terminal.out, "{}\n", shown.dump());
  } else {
    fmt::print(terminal.out, "relay-station {}{}{} ({})\n", version(), commit().empty() ? "" : " ",
               commit(), compiler());
  }
  return exit_ok;
}

}  // namespace relay::app
