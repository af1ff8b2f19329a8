#pragma once

#include "base/error.h"
#include "base/task.h"
#include "core/ids.h"
#include "exchange/context.h"
#include "http/ports.h"

namespace relay::exchange {

// Answers a client with an error in the shape of the Messages API. If the client does not stay to
// hear why, nobody is left to tell.
Task<void> tell(http::ClientStream& client, const core::RequestId& id, const Error& error);

// The same for a request that was not admitted. With a key, its client also sees how it stands with
// its limits, if the operator shows them.
Task<void> refuse(Context& context, http::ClientStream& client, const core::RequestId& id,
                  const Error& error, const KeyEntry* key = nullptr);

}  // namespace relay::exchange
