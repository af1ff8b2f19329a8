#pragma once

#include "base/clock.h"
#include "core/ids.h"

namespace relay::core {

// Whose a batch of messages is, and since when: what its results cost is charged to that key, in
// that time, whoever fetches them and whenever.
struct BatchOwner {
  KeyId key = {};
  WallTime since{};

  friend bool operator==(const BatchOwner&, const BatchOwner&) = default;
};

}  // namespace relay::core
