#include "fill_store/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace relay::bench {

FillOptions parse_fill_options(int count, char** arguments) {
  FillOptions options;
  CLI::App app{"Makes a relay's store with many keys and a long ledger."};
  app.add_option("--database", options.database, "The SQLite file.")->required();
  app.add_option("--secret-key", options.secret_key, "SECRET_KEY of the relay.")->required();
  app.add_option("--keys", options.keys, "To be made.");
  app.add_option("--rows", options.rows, "Of the ledger, shared out among the keys.");
  app.add_option("--key-file", options.key_file, "Gets the keys, one a line.")->required();
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

}  // namespace relay::bench
