#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "core/key.h"

namespace relay::core {

// A long-lived credential of a program that administers the relay. Kept as a digest under the
// pepper, like a key.
struct AdminToken {
  std::string uuid;
  std::string name;
  KeyDigest digest = {};
  WallTime created_at{};
  std::optional<WallTime> expires_at;
  std::optional<WallTime> last_used_at;  // To the hour or so.
};

}  // namespace relay::core
