#pragma once

#include "base/task.h"
#include "core/reservation.h"
#include "exchange/context.h"
#include "exchange/outcome.h"
#include "http/ports.h"

namespace relay::exchange {

// Charges what was counted, advisors first, and gives back what was held. Cannot fail; does not
// suspend.
void settle(Context& context, core::Reservation& reservation, Outcome& outcome) noexcept;

// Gives the client the end of its answer: the last bytes, our error in place of an answer, or a cut
// that shows that bytes are missing.
Task<void> conclude(Context& context, http::ClientStream& client, const core::RequestId& id,
                    Outcome& outcome);

}  // namespace relay::exchange
