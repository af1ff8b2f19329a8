#include "exchange/advisor_charges.h"

#include <new>

#include "base/limits.h"
#include "core/charge.h"
#include "exchange/late_charge.h"

namespace relay::exchange {
namespace {

using claude::AdvisorUsage;
using core::Delivery;
using core::LedgerEntry;
using core::Reservation;
using core::Usage;

// Whether an advisor is as fast as the model that it advises is told nowhere, so it is not.
core::ServiceTerms terms_beside(const LedgerEntry& exchange) noexcept {
  return {.tier = exchange.terms.tier, .geo = exchange.terms.geo};
}

Usage used_by(const AdvisorUsage& advisor, bool is_estimated) noexcept {
  Usage usage = advisor.usage;
  usage.is_estimated = is_estimated;
  return usage;
}

LedgerEntry entry_of(const Reservation& exchange, const AdvisorUsage& advisor, bool is_estimated) {
  LedgerEntry entry = late_charge(exchange.entry(), advisor.model, advisor.usage);
  entry.attempt = core::new_attempt_id(entry.started);
  entry.endpoint = core::Endpoint::advisor;
  entry.terms = terms_beside(exchange.entry());
  const core::PriceQuote quote = exchange.prices().quote(advisor.model.view(), entry.started);
  core::charge(entry, quote, used_by(advisor, is_estimated));
  return entry;
}

}  // namespace

Usage AdvisorCharges::mark(const Reservation& exchange, Usage usage,
                           std::span<const AdvisorUsage> advisors) noexcept {
  const bool is_estimated = usage.is_estimated;
  open_as_many(exchange, is_estimated, advisors);
  for (std::size_t i = 0; i < advisors.size(); ++i) {
    if (i < lines_.size()) {
      lines_[i].entry().terms = terms_beside(exchange.entry());
      lines_[i].mark(used_by(advisors[i], is_estimated));
    } else {
      usage = claude::merged(usage, advisors[i].usage);
    }
  }
  return usage;
}

Usage AdvisorCharges::settle(const Reservation& exchange, Usage usage,
                             std::span<const AdvisorUsage> advisors, Delivery delivery) noexcept {
  if (delivery == Delivery::refused) {
    for (Reservation& line : lines_) line.settle({}, delivery);
    return usage;
  }
  usage = mark(exchange, usage, advisors);
  for (Reservation& line : lines_) line.settle(line.entry().usage, Delivery::complete);
  return usage;
}

// There may be no memory to open one, either. What was once a part of the exchange stays there.
void AdvisorCharges::open_as_many(const Reservation& exchange, bool is_estimated,
                                  std::span<const AdvisorUsage> advisors) noexcept {
  if (!has_room_ || lines_.size() >= advisors.size()) return;
  try {
    open_lines(exchange, is_estimated, advisors);
  } catch (const std::bad_alloc&) {
    has_room_ = false;
  }
}

void AdvisorCharges::open_lines(const Reservation& exchange, bool is_estimated,
                                std::span<const AdvisorUsage> advisors) {
  lines_.reserve(limits::advisor_models_max);
  for (std::size_t i = lines_.size(); has_room_ && i < advisors.size(); ++i) {
    Result<Reservation> line = exchange.open_beside(entry_of(exchange, advisors[i], is_estimated));
    has_room_ = line.has_value();
    if (line) lines_.push_back(*std::move(line));
  }
}

}  // namespace relay::exchange
