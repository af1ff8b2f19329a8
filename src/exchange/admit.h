#pragma once

#include "base/result.h"
#include "core/ledger.h"
#include "exchange/authenticate.h"
#include "exchange/context.h"
#include "exchange/request.h"

namespace relay::exchange {

// May they? Checks the key and takes all that this exchange needs, or nothing of it: room in the
// ledger under a fresh attempt id. Does not suspend, so what it found still holds when the next
// line runs. unauthenticated: disabled or expired. overloaded: no room in the ledger.
Result<core::Reservation> admit(Context& context, const Principal& principal,
                                const Request& request, const http::ClientStream& client,
                                const core::RequestId& id);

// The part of it that concerns the key alone; the user API asks it too.
Result<void> check_key(const KeyEntry& key, WallTime now);

}  // namespace relay::exchange
