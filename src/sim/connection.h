#pragma once

#include "base/task.h"
#include "net/buffer_pool.h"
#include "net/loop.h"
#include "net/socket.h"
#include "sim/api.h"

namespace relay::sim {

// Serves one client until it leaves or a script ends the connection. What is passed by reference
// must outlive the task.
Task<void> serve_connection(Api& api, net::Loop& loop, net::BufferPool& buffers,
                            net::Socket socket);

}  // namespace relay::sim
