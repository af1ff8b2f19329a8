#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "core/tier.h"

namespace relay::app {

// What the operator has configured of what keys may do. Keys and tiers themselves are in the store.
struct AccessSettings {
  TimeZone time_zone;             // By whose calendar limits are counted.
  std::vector<core::Tier> tiers;  // Each is as it says until the API changes it.
  std::string default_tier;       // Of keys that name none. Empty: no limit.
  std::int64_t concurrency = 0;   // Of keys that do not say. 0: no limit.
};

}  // namespace relay::app
