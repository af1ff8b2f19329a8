#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "app/station.h"
#include "sim/simulator.h"

namespace relay::app {

// A relay to try out without a key of Anthropic's: the simulator is its upstream, and it has a key
// that works from the first minute. Outlives the station.
class Demo {
 public:
  // Starts the simulator and makes it the only upstream of `config`.
  explicit Demo(Config& config);

  // Says what this is, and prints lines that work as they are pasted. The demo key is made the
  // first time and kept in the data directory for the next.
  Result<void> introduce(Station& station, const Config& config, const net::Endpoint& port) const;

 private:
  sim::BackgroundSimulator simulator_;
};

}  // namespace relay::app
