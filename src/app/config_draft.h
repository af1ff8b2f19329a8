#pragma once

#include <fmt/core.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/option.h"

namespace relay::app {

// Something wrong with what was configured, and where: "config.yaml:3:5", "environment variable X".
struct Problem {
  std::string place;
  std::string message;

  friend bool operator==(const Problem&, const Problem&) = default;
};
using Problems = std::vector<Problem>;

std::string to_string(const Problem& problem);

// Where each option got its value from, by its full path. An option that is not there has its
// default.
using ConfigSources = std::map<std::string, std::string>;

// A configuration while it is being put together. Collects every problem, not only the first.
struct ConfigDraft {
  Config config;
  ConfigSources sources;
  Problems problems;
  std::vector<std::string> warnings;

  void fail(std::string place, std::string message) {
    problems.push_back({std::move(place), std::move(message)});
  }

  // Reads one option of `target`, which is known as `path` in all.
  template <typename Target>
  void assign(const Option<Target>& option, Target& target, const std::string& path,
              std::span<const std::string> texts, const std::string& place) {
    const Parsed<void> done = option.set(target, texts);
    if (done) {
      sources[path] = place;
    } else {
      fail(place, fmt::format("{}: {}", path, done.error()));
    }
  }
};

}  // namespace relay::app
