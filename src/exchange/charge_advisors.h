#pragma once

#include "core/reservation.h"
#include "exchange/context.h"
#include "exchange/outcome.h"

namespace relay::exchange {

// Records what each advisor of an answer has used, by its own price: a line of the ledger for each,
// beside that of the exchange. Gives what is left for that one to charge: the usage of the answer,
// and of the advisors for which there was no room. Cannot fail; does not suspend.
//
// Before the exchange is settled: as its last mark may have the advisors in it, a process that is
// killed in between has charged them twice rather than not at all.
[[nodiscard]] core::Usage charge_advisors(Context& context, const core::Reservation& reservation,
                                          const Outcome& outcome) noexcept;

}  // namespace relay::exchange
