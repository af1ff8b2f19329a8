#include <signal.h>

#include "app/command_line.h"

int main(int argc, char** argv) {
  // A file that has reached its bound (ulimit -f) is then a failed write, as on a full disk.
  ::signal(SIGXFSZ, SIG_IGN);
  return relay::app::run_command_line(
      {argv, argv + argc}, {.environment = relay::app::process_environment()}, {stdout, stderr});
}
