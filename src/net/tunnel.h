#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/buffer_pool.h"
#include "net/proxy.h"
#include "net/socket.h"

namespace relay::net {

// Has `proxy`, at the other end of `socket`, connect to `host` and `port`. Afterwards the socket
// leads there, and not a byte of what comes from there has been read.
//
// upstream_unavailable, with what the proxy said in `detail`.
Task<Result<void>> open_tunnel(Socket& socket, const Proxy& proxy, const std::string& host,
                               std::uint16_t port, BufferPool& pool, TimePoint deadline);

}  // namespace relay::net
