#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "core/tier.h"

namespace relay::core {

// The one of this name; null if there is none.
[[nodiscard]] inline const Tier* find_tier(std::span<const Tier> tiers,
                                           std::string_view name) noexcept {
  const auto found = std::ranges::find(tiers, name, &Tier::name);
  return found == tiers.end() ? nullptr : &*found;
}

}  // namespace relay::core
