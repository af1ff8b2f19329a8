#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/frame_pool.h"
#include "base/result.h"
#include "base/task.h"
#include "core/ledger.h"
#include "exchange/context.h"
#include "exchange/request.h"
#include "http/ports.h"

namespace relay::exchange {

// What was read of a body while its first event was awaited.
struct ReadAhead : InFramePool {
  http::Chunk chunk = {};
  std::string held = {};  // What it lies in, when it came in several pieces.
};

// An answer that will be passed on, whatever it says.
struct Opening {
  std::unique_ptr<http::Answer> answer;
  std::unique_ptr<ReadAhead> ahead = {};
  UpstreamUse use = {};
  http::UpstreamId upstream = {};
};

// What can be said of an exchange from outside while ask() is suspended.
struct Asked {
  int attempts = 0;
  bool was_sent = false;  // The upstream may have the request, and so may bill it.
  bool is_last = false;   // Set from outside: nobody waits for another attempt.
};

// Asks the upstreams until one gives an answer worth passing on: chooses, sends, waits for the head
// and, of an event stream, for the first event; retries and fails over by what came back. Nothing
// has been sent to the client meanwhile. An upstream's refusal that is not to be retried is an
// answer like any other.
Task<Result<void>> ask(Context& context, const Request& request, http::ClientStream& client,
                       Asked& asked, Opening& opening);

}  // namespace relay::exchange
