#include "mock_upstream/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace relay::bench {

MockOptions parse_mock_options(int count, char** arguments) {
  MockOptions options;
  CLI::App app{
      "Answers /v1/messages on 127.0.0.1 as cheaply as it can. A request says by x-mock-events and "
      "x-mock-delay-us (between two of them) what its stream is to be."};
  app.add_option("--port", options.port, "Of 127.0.0.1.");
  app.add_option("--threads", options.threads, "Each with a loop of its own.")
      ->check(CLI::Range(1, 64));
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

}  // namespace relay::bench
