#pragma once

#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "http/head.h"
#include "net/inbox.h"
#include "net/server_context.h"
#include "net/socket.h"

namespace relay::net {

// Waits for the next request of a client and reads its head; what follows the head is in the inbox
// then. There is a head only once bytes of it have come. False: the client does not want anything
// else. Until the first byte the connection is among the idle ones of its server. Errors: those of
// parse_request_head(), request_timeout.
Task<Result<bool>> read_request_head(ServerContext& server, Socket& socket, Inbox& inbox,
                                     std::unique_ptr<http::RequestHead>& head);

}  // namespace relay::net
