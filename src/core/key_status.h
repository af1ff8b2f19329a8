#pragma once

#include <optional>

#include "base/clock.h"
#include "core/key.h"
#include "core/key_list.h"

namespace relay::core {

// When a key stops working, if ever: at a date, or so many days after its first use, whichever
// comes first.
std::optional<WallTime> expiry_of(const KeyTerms& terms, std::optional<WallTime> first_used_at);

// Of a key as the store knows it. A key may be several of these: the first one is said.
KeyStatus status_of(const ApiKey& key, WallTime now);

}  // namespace relay::core
