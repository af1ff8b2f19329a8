#include "load_client/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

namespace relay::bench {
namespace {

const std::map<std::string, Mode> modes = {{"closed", Mode::closed},
                                           {"churn", Mode::churn},
                                           {"open", Mode::open},
                                           {"hold", Mode::hold},
                                           {"idle", Mode::idle}};

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

Options parse_options(int count, char** arguments) {
  Options options;
  std::string key = "no-key";
  std::string key_file;
  CLI::App app{"Sends /v1/messages to a proxy and prints one line of JSON about how that went."};
  app.add_option("--mode", options.mode, "closed, churn, open, hold or idle")
      ->transform(CLI::CheckedTransformer(modes));
  app.add_option("--port", options.port, "Of 127.0.0.1.");
  app.add_option("--connections", options.connections, "At the same time; not with --mode open.");
  app.add_option("--sources", options.sources, "Addresses to connect from.")
      ->check(CLI::Range(1, 200));
  app.add_option("--rate", options.rate, "Requests a second, with --mode open.");
  app.add_option("--seconds", options.seconds, "To measure.");
  app.add_option("--warmup", options.warmup, "Seconds before measuring begins.");
  app.add_option("--body", options.body_bytes, "Of each request.");
  app.add_flag("--stream", options.is_stream, "Asks for streams.");
  app.add_option("--events", options.events, "Of each stream.");
  app.add_option("--delay-us", options.delay_us, "Between two events.");
  app.add_option("--key", key, "Shown as x-api-key.");
  app.add_option("--key-file", key_file, "Keys, one a line, taken in turn.");
  app.add_option("--field", options.fields, "One more of each request: \"name: value\".");
  app.add_option("--pid", options.pids, "A process whose cost is measured.");
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  options.keys = key_file.empty() ? std::vector{key} : lines_of(key_file);
  return options;
}

}  // namespace relay::bench
