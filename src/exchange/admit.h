#pragma once

#include "base/result.h"
#include "core/reservation.h"
#include "exchange/authenticate.h"
#include "exchange/context.h"
#include "exchange/request.h"

namespace relay::exchange {

// May they? Checks what the key is for and takes all that this exchange needs, or nothing of it:
// its share of what the key may use, and room in the ledger under a fresh attempt id. Does not
// suspend, so what it found still holds when the next line runs. Looks at the key as it is now:
// `principal` follows.
//
// unauthenticated: disabled, expired or gone. forbidden: not from there, or not for this model.
// rate_limited: too fast, or too much at once. limit_exhausted: no tokens or dollars are left.
// overloaded: no room in the ledger.
Result<core::Reservation> admit(Context& context, Principal& principal, const Request& request,
                                const http::ClientStream& client, const core::RequestId& id);

}  // namespace relay::exchange
