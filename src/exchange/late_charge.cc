#include "exchange/late_charge.h"

#include "core/charge.h"

namespace relay::exchange {

core::LedgerEntry late_charge(const core::LedgerEntry& exchange, const claude::ModelName& model,
                              const core::Usage& usage) {
  core::LedgerEntry entry;
  entry.request = exchange.request;
  entry.key = exchange.key;
  entry.delivery = core::Delivery::complete;
  entry.attempts = 1;
  entry.status = exchange.status;
  entry.started = exchange.started;
  entry.usage = usage;
  entry.model = model;
  entry.served_model = model;
  entry.upstream = exchange.upstream;
  entry.upstream_request = exchange.upstream_request;
  entry.client = exchange.client;
  return entry;
}

bool record(core::Ledger& ledger, const core::PriceTable& prices, core::LedgerEntry entry) {
  core::charge(entry, prices.quote(entry.model.view(), entry.started), entry.usage);
  const Result<core::LedgerSlot> slot = ledger.open(entry);
  if (slot) ledger.close(*slot, entry);
  return slot.has_value();
}

}  // namespace relay::exchange
