#include <memory>

#include "exchange/steady_fixture.h"
#include "instructions/workload.h"

namespace relay::bench {

// One delta on its way through the pipeline, without sockets. The rest of its stream is there too,
// and hardly shows among so many.
Workload stream_event() {
  constexpr int events = 1'000;
  return {.name = "stream_event", .units = events, .prepare = [] {
            auto exchange = std::make_shared<exchange::SteadyExchange>();
            exchange->ask(true);
            exchange->answer_stream(events);
            return [exchange] { exchange->run(); };
          }};
}

}  // namespace relay::bench
