#pragma once

#include <cstdint>
#include <string>

namespace relay::bench {

struct FillOptions {
  std::string database;
  std::string secret_key;
  std::int64_t keys = 0;
  std::int64_t rows = 0;
  std::string key_file;  // Gets the keys, one a line.
};

// Of the command line. Ends the program if it asks for help or makes no sense.
FillOptions parse_fill_options(int count, char** arguments);

}  // namespace relay::bench
