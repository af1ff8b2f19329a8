#pragma once

#include <functional>
#include <memory>

#include "app/stand_in.h"
#include "app/station.h"

namespace relay::app {

struct OpenedStation {
  std::unique_ptr<StandIn> stand_in;  // Null: none was needed. To be kept until the station serves.
  std::unique_ptr<Station> station;   // Null: `pause` said to stop.
};

// What whoever opens does meanwhile.
struct OpeningSteps {
  std::function<void(const Ports&)> waiting;  // Told once: the database is away.
  std::function<bool()> pause;                // Between two looks. False: stop waiting.
};

// Station::open(). But while the database is away it is waited for, something stands in for the
// station, and the ports that were 0 in `config` become those it serves on.
Result<OpenedStation> open_station(Config& config, const StationSecrets& secrets,
                                   const Clock& clock, const OpeningSteps& steps);

}  // namespace relay::app
