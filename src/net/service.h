#pragma once

#include <string>

#include "base/error.h"
#include "base/task.h"
#include "http/ports.h"

namespace relay::net {

// A whole answer to what never became a request.
struct Refusal {
  http::ResponseHead head;
  std::string body;
};

// A port: who answers the requests that a Server reads. Called on the server's loop only, for many
// clients at the same time.
class Service {
 public:
  virtual ~Service() = default;

  // Answers one request. A connection is cut if its answer is not finished when this returns.
  virtual Task<void> serve(http::ClientStream& client) = 0;

  // Renders an error that was found before there was a request.
  virtual Refusal refuse(const Error& error) = 0;
};

}  // namespace relay::net
