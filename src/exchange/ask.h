#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "core/ledger.h"
#include "exchange/context.h"
#include "exchange/request.h"
#include "http/ports.h"

namespace relay::exchange {

// An answer that will be passed on, whatever it says.
struct Opening {
  std::unique_ptr<http::Answer> answer;
  http::UpstreamId upstream = {};
  http::Chunk first = {};  // What was read of the body while its first event was awaited.
  std::string held = {};   // What `first` lies in when it came in several pieces.
  bool has_first = false;
  UpstreamUse use = {};
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
Task<Result<Opening>> ask(Context& context, const Request& request, http::ClientStream& client,
                          Asked& asked);

}  // namespace relay::exchange
