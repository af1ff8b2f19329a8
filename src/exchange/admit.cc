#include "exchange/admit.h"

#include "exchange/hold.h"
#include "exchange/refusal_text.h"
#include "exchange/restrictions.h"

namespace relay::exchange {
namespace {

// Takes its share of what the key may use. One step, however many limits there are.
Result<core::Grant> take(Context& context, const KeyEntry& key, const Request& request,
                         const core::Hold& hold, WallTime now) {
  if (key.allowance == nullptr) return core::Grant{};
  std::expected<core::Grant, core::Refusal> grant =
      key.allowance->take(key.allowed,
                          {.hold = hold,
                           .is_count_tokens = request.call.endpoint == core::Endpoint::count_tokens,
                           .periods = context.calendar.at(now),
                           .wall = now},
                          context.clock);
  if (grant) return std::move(*grant);
  return std::unexpected(error_of(grant.error(), key, context.calendar.zone(), now));
}

core::LedgerEntry begun(const KeyEntry& key, const Request& request,
                        const http::ClientStream& client, const core::RequestId& id,
                        const core::Hold& hold, WallTime now) {
  core::LedgerEntry entry;
  entry.attempt = core::new_attempt_id(now);
  entry.request = id;
  entry.key = key.id;
  entry.endpoint = request.call.endpoint;
  entry.is_stream = request.peek.is_stream;
  entry.started = now;
  entry.held = hold.tokens;
  entry.model = std::string_view{request.peek.model};
  entry.client = client.peer();
  return entry;
}

}  // namespace

Result<core::Reservation> admit(Context& context, Principal& principal, const Request& request,
                                const http::ClientStream& client, const core::RequestId& id) {
  const WallTime now = context.clock.wall();
  const Result<void> known = renew(context.keys, now, principal);
  if (!known) return std::unexpected(known.error());
  const KeyEntry& key = *principal.key;
  const Result<void> allowed = check_access(key, client.head(), client.peer(), now);
  if (!allowed) return std::unexpected(allowed.error());
  const Result<void> for_model = check_model(key, client.head(), request);
  if (!for_model) return std::unexpected(for_model.error());

  std::shared_ptr<const core::PriceTable> prices = context.prices.snapshot();
  const Result<core::Hold> hold =
      hold_for(key, request, client.head(), context.calibration, *prices, now);
  if (!hold) return std::unexpected(hold.error());
  Result<core::Grant> grant = take(context, key, request, *hold, now);
  if (!grant) return std::unexpected(grant.error());

  const core::LedgerEntry entry = begun(key, request, client, id, *hold, now);
  const Result<core::LedgerSlot> slot = context.ledger.open(entry);
  if (!slot) return std::unexpected(slot.error());
  return core::Reservation{context.ledger,     *slot, entry, std::move(prices), std::move(*grant),
                           context.clock.now()};
}

}  // namespace relay::exchange
