#include "exchange/settle.h"

#include <algorithm>

#include "claude/error_body.h"
#include "claude/model_family.h"
#include "exchange/refuse.h"

namespace relay::exchange {
namespace {

// What was estimated of a question, beside what the upstream has counted.
void learn(InputCalibration& calibration, core::Reservation& reservation) noexcept {
  const core::LedgerEntry& entry = reservation.entry();
  const core::TokenCount estimate = reservation.grant().input_estimate();
  if (estimate == 0 || entry.usage.is_estimated) return;
  const core::Usage& usage = entry.usage;
  calibration.learn(claude::family_of(entry.model.view()), estimate,
                    usage.input + usage.cache_write() + usage.cache_read);
}

}  // namespace

void settle(Context& context, core::Reservation& reservation, Outcome& outcome) noexcept {
  core::LedgerEntry& entry = reservation.entry();
  entry.duration_ms = std::max(entry.first_byte_ms, reservation.ms_until(context.clock.now()));
  if (outcome.error) {
    entry.status = static_cast<std::uint16_t>(claude::http_status(outcome.error->code));
  }
  const core::Usage usage = outcome.advisor_charges.settle(reservation, outcome.usage,
                                                           outcome.advisors, outcome.delivery);
  reservation.settle(usage, outcome.delivery);
  learn(context.calibration, reservation);
  context.observer.settled(entry, outcome.error ? &*outcome.error : nullptr);
}

Task<void> conclude(Context& context, http::ClientStream& client, const core::RequestId& id,
                    Outcome& outcome) {
  co_await Cohort::Step{context.cohort};
  if (outcome.is_alone) {
    client.cut();
    co_return;
  }
  if (outcome.error) {
    co_await tell(client, id, *outcome.error);
    co_return;
  }
  if (outcome.is_cut && !outcome.tail().empty()) {
    [[maybe_unused]] const Result<void> written = co_await client.write(outcome.tail());
  }
  if (outcome.is_cut) {
    client.cut();
    co_return;
  }
  [[maybe_unused]] const Result<void> finished = co_await client.finish(outcome.tail());
}

}  // namespace relay::exchange
