#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/time_zone.h"
#include "core/allowance.h"
#include "exchange/key_table.h"

namespace relay::exchange {

// What a client is told of a limit of its key: which one, how it stands with it, when that changes,
// and what to do (decision 10). limit_exhausted: tokens or dollars. rate_limited: too fast, or too
// much at once.
Error error_of(const core::Refusal& refusal, const KeyEntry& key, const TimeZone& zone,
               WallTime now);

}  // namespace relay::exchange
