#include "exchange/exchange.h"

#include <memory>
#include <utility>

#include "exchange/admit.h"
#include "exchange/authenticate.h"
#include "exchange/forward.h"
#include "exchange/refuse.h"
#include "exchange/request.h"
#include "exchange/restrictions.h"
#include "exchange/settle.h"

namespace relay::exchange {
namespace {

Task<void> refuse_stranger(Context& context, http::ClientStream& client, const core::RequestId& id,
                           const Error& why) {
  const Error refusal =
      context.failures.answer(client.head(), client.peer(), context.sleeper.now(), why);
  return refuse(context, client, id, refusal);
}

}  // namespace

// The page to start reading at: what happens to one request, in order.
Task<void> serve(Context& context, http::ClientStream& client) {
  const WallTime came = context.clock.wall();
  const core::RequestId id = core::new_request_id(came);

  // Who is asking? Reads this moment's snapshot of the keys. After a change of SECRET_KEY a key is
  // proved by its slow hash the first time it is seen, elsewhere.
  Result<Principal> principal = authenticate(context.keys, context.pepper, client.head(), came);
  if (!principal && may_be_stale(context.keys, client.head())) {
    co_await context.proof.prove(client.head());
    principal = authenticate(context.keys, context.pepper, client.head(), came);
  }
  if (!principal) {
    Task<void> refusing = refuse_stranger(context, client, id, principal.error());
    co_await std::move(refusing);
    co_return;
  }

  client.mark_authenticated();

  // May they ask at all? Before the body is read, so that nobody else makes us hold one.
  const Result<void> welcome = check_access(*principal->key, client.head(), client.peer(), came);
  if (!welcome) {
    co_await refuse(context, client, id, welcome.error(), principal->key);
    co_return;
  }

  // Is there room for one more? Its request is going to take memory.
  const Result<Permits::Permit> place = context.exchanges.take();
  if (!place) {
    co_await refuse(context, client, id, place.error(), principal->key);
    co_return;
  }

  // What for? The whole request is read and found valid before anybody upstream hears of it. Only
  // uploads too large to be held are forwarded while they come in.
  Result<std::unique_ptr<Request>> request = co_await read_request(context, client);
  if (!request) {
    co_await refuse(context, client, id, request.error());
    co_return;
  }

  // May they ask for this, and still? Takes all that this exchange needs, or nothing of it; does
  // not suspend.
  Result<core::Reservation> reservation = admit(context, *principal, **request, client, id);
  if (!reservation) {
    co_await refuse(context, client, id, reservation.error(), principal->key);
    co_return;
  }

  context.observer.began();

  // Beyond this point there is something to charge. forward() reports every ending as a value, and
  // if this frame is destroyed while it is suspended, ~Reservation charges what was last marked.

  // Pass the answer through, counting on the way; all of it but the last bytes.
  Task<std::unique_ptr<Outcome>> forwarding =
      forward(context, *principal->key, std::move(*request), client, *reservation);
  const std::unique_ptr<Outcome> outcome = co_await std::move(forwarding);

  // Charge what was counted. Cannot fail; does not suspend.
  settle(context, *reservation, *outcome);

  // Beyond this point the exchange is in the journal, so now the client may have its end; unless it
  // must not have it before a loss of power would leave the record where it is.
  const bool waits = context.durability != nullptr && !outcome->is_alone;
  if (waits) co_await context.durability->reached();
  co_await conclude(context, client, id, *outcome);
}

}  // namespace relay::exchange
