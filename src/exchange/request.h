#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/frame_pool.h"
#include "base/result.h"
#include "base/task.h"
#include "claude/endpoint.h"
#include "claude/request_peek.h"
#include "exchange/upstreams.h"
#include "http/ports.h"

namespace relay::exchange {

struct Context;

// What a client asks for, as far as the relay looks into it. The views are the client stream's.
// Takes its own memory: it is let go long before the answer has ended.
struct Request : InFramePool {
  claude::ApiCall call;
  std::string_view body;     // All of it; empty if it goes out while it comes in.
  claude::RequestPeek peek;  // Left empty where the relay does not look in.
  Preference preference;
};

// Reads and checks a request of a known client: its path, then its body. Nothing has been sent
// upstream when this has returned.
Task<Result<std::unique_ptr<Request>>> read_request(Context& context, http::ClientStream& client);

}  // namespace relay::exchange
