#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "app/load_config.h"

namespace relay::app {

// Where a command speaks to its user: results go to `out`, everything else to `err`.
struct Terminal {
  std::FILE* out;
  std::FILE* err;
  std::FILE* in = stdin;
};

enum ExitCode : int { exit_ok = 0, exit_failure = 1, exit_usage = 2, exit_bad_config = 3 };

// The program. `arguments` begin with its own name; `surroundings` are where it runs, to which the
// arguments add. Returns what the process should exit with.
int run_command_line(const std::vector<std::string>& arguments, const ConfigInputs& surroundings,
                     const Terminal& terminal);

}  // namespace relay::app
