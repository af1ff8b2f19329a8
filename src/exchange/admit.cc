#include "exchange/admit.h"

namespace relay::exchange {
namespace {

Error not_valid(std::string message, std::string detail) {
  return {.code = ErrorCode::unauthenticated,
          .origin = Origin::client,
          .message = std::move(message),
          .detail = std::move(detail)};
}

}  // namespace

Result<void> check_key(const KeyEntry& key, WallTime now) {
  if (!key.is_active) {
    return std::unexpected(not_valid(
        "This API key is disabled. Ask whoever gave it to you to enable it.", "disabled key"));
  }
  if (key.expires_at && *key.expires_at <= now) {
    return std::unexpected(not_valid(
        "This API key has expired. Ask whoever gave it to you for a new one.", "expired key"));
  }
  return {};
}

Result<core::Reservation> admit(Context& context, const Principal& principal,
                                const Request& request, const http::ClientStream& client,
                                const core::RequestId& id) {
  const WallTime now = context.clock.wall();
  const Result<void> allowed = check_key(*principal.key, now);
  if (!allowed) return std::unexpected(allowed.error());

  core::LedgerEntry entry;
  entry.attempt = core::new_attempt_id();
  entry.request = id;
  entry.key = principal.key->id;
  entry.endpoint = request.call.endpoint;
  entry.is_stream = request.peek.is_stream;
  entry.started = now;
  entry.model = std::string_view{request.peek.model};
  entry.client = client.peer();
  const Result<core::LedgerSlot> slot = context.ledger.open(entry);
  if (!slot) return std::unexpected(slot.error());
  return core::Reservation{context.ledger, *slot, entry, context.prices.snapshot()};
}

}  // namespace relay::exchange
