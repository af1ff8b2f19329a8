#pragma once

#include <cstdint>

namespace relay::bench {

struct MockOptions {
  std::uint16_t port = 9000;
  int threads = 1;
};

// Of the command line. Ends the program if it asks for help or makes no sense.
MockOptions parse_mock_options(int count, char** arguments);

}  // namespace relay::bench
