#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <exception>

#include "load_client/load.h"
#include "load_client/options.h"

// Loads a proxy and prints one line of JSON. Exits 1 if any request failed.
int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    relay::bench::Load load{relay::bench::parse_options(count, arguments)};
    load.run();
    fmt::print("{}\n", load.measurement().report());
    return load.measurement().errors() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    fmt::print(stderr, "load_client: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
