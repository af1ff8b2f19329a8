#include "exchange/charge_advisors.h"

#include <new>

namespace relay::exchange {
namespace {

using claude::AdvisorUsage;
using core::LedgerEntry;

// Whether an advisor is as fast as the model that it advises is told nowhere, so it is not.
LedgerEntry entry_of(const core::Reservation& reservation, const AdvisorUsage& advisor,
                     bool is_estimated) {
  const LedgerEntry& exchange = reservation.entry();
  LedgerEntry entry;
  entry.attempt = core::new_attempt_id(exchange.started);
  entry.request = exchange.request;
  entry.key = exchange.key;
  entry.endpoint = core::Endpoint::advisor;
  entry.delivery = core::Delivery::complete;
  entry.attempts = 1;
  entry.status = exchange.status;
  entry.started = exchange.started;
  entry.usage = advisor.usage;
  entry.usage.is_estimated = is_estimated;
  entry.terms = {.tier = exchange.terms.tier, .geo = exchange.terms.geo};
  entry.model = advisor.model;
  entry.served_model = advisor.model;
  entry.upstream = exchange.upstream;
  entry.upstream_request = exchange.upstream_request;
  entry.client = exchange.client;
  const core::PriceQuote::Charge charge = reservation.prices()
                                              .quote(advisor.model.view(), entry.started)
                                              .charge(entry.usage, entry.terms);
  entry.cost = charge.cost;
  entry.price_version = charge.price_version;
  entry.is_unpriced = charge.is_unpriced;
  return entry;
}

// False: there is no room, or no memory to say so.
bool record(core::Ledger& ledger, const LedgerEntry& entry) noexcept {
  try {
    const Result<core::LedgerSlot> slot = ledger.open(entry);
    if (slot) ledger.close(*slot, entry);
    return slot.has_value();
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

core::Usage charge_advisors(Context& context, const core::Reservation& reservation,
                            const Outcome& outcome) noexcept {
  core::Usage left = outcome.usage;
  for (const AdvisorUsage& advisor : outcome.advisors) {
    const LedgerEntry entry = entry_of(reservation, advisor, outcome.usage.is_estimated);
    if (!record(context.ledger, entry)) left = claude::merged(left, advisor.usage);
  }
  return left;
}

}  // namespace relay::exchange
