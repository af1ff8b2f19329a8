#pragma once

#include <memory>

#include "base/task.h"
#include "core/reservation.h"
#include "exchange/context.h"
#include "exchange/outcome.h"
#include "exchange/request.h"
#include "http/ports.h"

namespace relay::exchange {

// Gets an answer and passes it through to the client as it comes, counting on the way. The only
// phase that waits for anything between admission and settlement. Whatever happens is an Outcome.
// A client that leaves ends it within the same turn of the loop, and the upstream with it; or,
// where its key drains, the upstream is heard out for a while, for what it has used.
//
// Lets go of `request`, and of what its client holds of it, when they are not needed any more.
Task<std::unique_ptr<Outcome>> forward(Context& context, const KeyEntry& key,
                                       std::unique_ptr<Request> request, http::ClientStream& client,
                                       core::Reservation& reservation);

}  // namespace relay::exchange
