#include <memory>

#include "exchange/steady_fixture.h"
#include "instructions/workload.h"

namespace relay::bench {

// All that the pipeline does for a question of 4 KB and an answer of 1.5 KB, without sockets.
Workload small_exchange() {
  return {.name = "small_exchange", .units = 1, .prepare = [] {
            auto exchange = std::make_shared<exchange::SteadyExchange>();
            exchange->ask(false);
            exchange->answer_whole();
            return [exchange] { exchange->run(); };
          }};
}

}  // namespace relay::bench
