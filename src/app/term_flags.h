#pragma once

#include <CLI/CLI.hpp>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "admin/json_writer.h"

namespace relay::app {

// What may be said of a key on the command line: each flag is a member of the admin API. "none"
// takes away what was there.
class TermFlags {
 public:
  // Outlives the command.
  void add_to(CLI::App& command);

  [[nodiscard]] bool empty() const;

  // Writes the members that were given into an open object. An error says which flag is no number.
  [[nodiscard]] std::expected<void, std::string> write(admin::JsonWriter& json) const;

 private:
  std::map<std::string, std::vector<std::string>> given_;  // By flag.
};

}  // namespace relay::app
