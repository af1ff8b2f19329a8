#pragma once

#include "base/task.h"
#include "exchange/context.h"
#include "http/ports.h"

namespace relay::exchange {

// Takes one request through the phases: authenticate, admit, forward, settle. The client gets the
// upstream's answer or ours; the ledger gets exactly one entry for what was admitted, even if the
// task is destroyed on the way.
Task<void> serve(Context& context, http::ClientStream& client);

}  // namespace relay::exchange
