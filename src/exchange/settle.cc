#include "exchange/settle.h"

#include <algorithm>

#include "claude/error_body.h"
#include "exchange/refuse.h"

namespace relay::exchange {

void settle(Context& context, core::Reservation& reservation, const Outcome& outcome) noexcept {
  core::LedgerEntry& entry = reservation.entry();
  const auto passed = (context.clock.wall() - entry.started).count();
  entry.duration_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(passed, 0, UINT32_MAX));
  if (outcome.error) {
    entry.status = static_cast<std::uint16_t>(claude::http_status(outcome.error->code));
  }
  reservation.settle(outcome.usage, outcome.delivery);
  context.observer.settled(entry, outcome.error ? &*outcome.error : nullptr);
}

Task<void> conclude(http::ClientStream& client, const core::RequestId& id, Outcome& outcome) {
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
