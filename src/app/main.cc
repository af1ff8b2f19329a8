#include "app/command_line.h"

int main(int argc, char** argv) {
  return relay::app::run_command_line(
      {argv, argv + argc}, {.environment = relay::app::process_environment()}, {stdout, stderr});
}
