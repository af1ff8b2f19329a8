#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <thread>
#include <vector>

#include "mock_upstream/mock.h"
#include "mock_upstream/options.h"

// Plays the upstream until it is killed.
int main(int count, char** arguments) {
  const relay::bench::MockOptions options = relay::bench::parse_mock_options(count, arguments);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    std::vector<std::jthread> others;
    for (int i = 1; i < options.threads; ++i) {
      others.emplace_back([&] { relay::bench::Mock{options.port}.run(); });
    }
    relay::bench::Mock{options.port}.run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "mock_upstream: {}\n", error.what());
    std::_Exit(EXIT_FAILURE);
  }
}
