#include "exchange/charge_advisors.h"

#include <new>

#include "exchange/late_charge.h"

namespace relay::exchange {
namespace {

using claude::AdvisorUsage;
using core::LedgerEntry;

// Whether an advisor is as fast as the model that it advises is told nowhere, so it is not.
LedgerEntry entry_of(const LedgerEntry& exchange, const AdvisorUsage& advisor, bool is_estimated) {
  LedgerEntry entry = late_charge(exchange, advisor.model, advisor.usage);
  entry.attempt = core::new_attempt_id(exchange.started);
  entry.endpoint = core::Endpoint::advisor;
  entry.usage.is_estimated = is_estimated;
  entry.terms = {.tier = exchange.terms.tier, .geo = exchange.terms.geo};
  return entry;
}

// False: there is no room, or no memory to say so.
bool has_recorded(core::Ledger& ledger, const core::PriceTable& prices,
                  const LedgerEntry& entry) noexcept {
  try {
    return record(ledger, prices, entry);
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

core::Usage charge_advisors(Context& context, const core::Reservation& reservation,
                            const Outcome& outcome) noexcept {
  core::Usage left = outcome.usage;
  for (const AdvisorUsage& advisor : outcome.advisors) {
    const LedgerEntry entry = entry_of(reservation.entry(), advisor, outcome.usage.is_estimated);
    if (!has_recorded(context.ledger, reservation.prices(), entry))
      left = claude::merged(left, advisor.usage);
  }
  return left;
}

}  // namespace relay::exchange
