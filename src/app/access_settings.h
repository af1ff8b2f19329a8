#pragma once

#include <cstdint>
#include <string>

#include "base/time_zone.h"

namespace relay::app {

// What the operator has configured of what keys may do. Keys and tiers themselves are in the store.
struct AccessSettings {
  TimeZone time_zone;            // By whose calendar limits are counted.
  std::string default_tier;      // Of keys that name none. Empty: no limit.
  std::int64_t concurrency = 0;  // Of keys that do not say. 0: no limit.
};

}  // namespace relay::app
