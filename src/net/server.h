#pragma once

#include <optional>

#include "base/clock.h"
#include "base/task.h"
#include "net/buffers.h"
#include "net/connection_gate.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/server_context.h"
#include "net/server_limits.h"
#include "net/service.h"
#include "net/task_scope.h"

namespace relay::net {

// Accepts the clients of one loop and reads their requests, which a service answers. All that runs
// for a client is one task, owned by the server.
//
// Belongs to its loop, except for counters(). Must be stopped before it is destroyed, if it was
// started.
class Server {
 public:
  // An exception that escapes the service ends its connection and is reported to `failed`.
  Server(Loop& loop, const Clock& clock, Listener listener, Service& service, Buffers& buffers,
         ServerShare& share, TaskScope::Failed failed, ServerLimits limits = {});

  // Accepts from the next turn on.
  void start();

  // Refuses new connections and closes what is idle; what runs goes on. Returns at once.
  Task<void> close_port();

  // Returns when there is no connection, at the latest at the deadline.
  Task<void> idle(TimePoint deadline);

  // As close_port(), and returns when the exchanges that run have ended. Those that have not at the
  // deadline are told to (must_end), and cut limits::last_words_max later. Not to be called by a
  // task of the service.
  Task<void> stop(TimePoint deadline);

  [[nodiscard]] const ServerCounters& counters() const noexcept { return context_.counters; }

 private:
  Task<void> accept_clients();
  void admit(Socket socket);
  void end_exchanges() noexcept;

  ServerContext context_;
  std::optional<Listener> listener_;
  TaskScope accepting_;
  TaskScope connections_;
};

}  // namespace relay::net
