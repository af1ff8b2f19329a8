#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace relay::core {

enum class KeyStatus : std::uint8_t {
  active,  // None of the following.
  disabled,
  expired,
  exhausted,  // Nothing is left of its total tokens or cost.
};

// Which keys are asked for. Empty members ask for all.
struct KeyFilter {
  std::string search;  // A part of the name, the owner, the description or the prefix; any case.
  std::optional<KeyStatus> status;
  std::string tag;
  std::string tier;
  std::string owner;
  std::optional<WallTime> unused_since;  // Never used, or not since then.
};

enum class KeyOrder : std::uint8_t { created, name, tokens_used, cost_used, last_used, expires };

struct KeySort {
  KeyOrder order = KeyOrder::created;
  bool is_descending = true;
};

}  // namespace relay::core
