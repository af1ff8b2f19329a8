#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "app/commands.h"
#include "app/dump_config.h"
#include "app/options.h"
#include "app/secrets.h"
#include "net/tls_client.h"

namespace relay::app {
namespace {

// Files of certificates are not read with the configuration, but when a relay starts.
Problems certificate_faults(const Config& config) {
  Problems faults;
  for (const UpstreamConfig& upstream : config.upstreams) {
    if (upstream.ca_file.empty()) continue;
    const Result<net::TlsClient> trusting = net::TlsClient::open(upstream.ca_file);
    if (!trusting) faults.push_back({"ca_file of " + upstream.name, trusting.error().detail});
  }
  return faults;
}

}  // namespace

void explain(const Problems& problems, const Terminal& terminal) {
  for (const Problem& problem : problems) {
    fmt::print(terminal.err, "error: {}\n", to_string(problem));
  }
}

int fail(const Error& error, const Terminal& terminal) {
  for (const std::string& text : {error.message, error.detail}) {
    if (!text.empty()) fmt::print(terminal.err, "{}\n", text);
  }
  return exit_failure;
}

std::optional<LoadedConfig> load_or_explain(const ConfigInputs& inputs, const Terminal& terminal) {
  auto loaded = load_config(inputs);
  if (loaded) return *std::move(loaded);
  explain(loaded.error(), terminal);
  return std::nullopt;
}

int run_check(const ConfigInputs& inputs, const CheckOptions& options, const Terminal& terminal) {
  if (options.lists_options) {
    fmt::print(terminal.out, "{}", options_table());
    return exit_ok;
  }
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  Problems faults = secret_faults(loaded->config);
  std::ranges::move(certificate_faults(loaded->config), std::back_inserter(faults));
  explain(faults, terminal);
  if (!faults.empty()) return exit_bad_config;
  for (const std::string& warning : loaded->warnings) {
    fmt::print(terminal.err, "warning: {}\n", warning);
  }
  if (options.dumps) {
    fmt::print(terminal.out, "{}", dump_config(*loaded));
  } else {
    fmt::print(terminal.out, "the configuration is fine\n");
  }
  return exit_ok;
}

}  // namespace relay::app
