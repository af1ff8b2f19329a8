#pragma once

#include "admin/call.h"
#include "base/task.h"
#include "net/service.h"

namespace relay::app {

// An error as a client sees it, with a new name for its request.
net::Refusal refusal_of(const Error& error, WallTime now);

// Answers a request whole.
Task<void> send_reply(http::ClientStream& client, Result<admin::Reply> reply, WallTime now);

}  // namespace relay::app
