#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "core/price.h"

namespace CLI {
class App;
}

namespace relay::app {

// What is said of a price on the command line: a flag for each member of core/price_text.h but the
// models, --cache-write-5m for cache_write_5m.
class PriceFlags {
 public:
  // Declares the flags. This object outlives the parsing.
  void add_to(CLI::App& command);

  // Puts what was said into a row. invalid_request: names the flag that cannot be read.
  Result<void> set(core::PriceRow& row) const;

 private:
  std::map<std::string, std::string> members_;  // By path.
};

}  // namespace relay::app
