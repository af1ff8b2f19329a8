#include <cstdlib>
#include <memory>

#include "exchange/admit.h"
#include "exchange/settle.h"
#include "exchange/steady_fixture.h"
#include "instructions/workload.h"

namespace relay::bench {
namespace {

using exchange::Outcome;
using exchange::Principal;
using exchange::Request;
using exchange::SteadyExchange;

// What surrounds an exchange: everything is taken, and everything is given back.
void admit_one(SteadyExchange& of, Principal& principal, const Request& request) {
  const core::RequestId id = core::new_request_id(of.clock.wall());
  Result<core::Reservation> reservation =
      exchange::admit(of.context, principal, request, of.client, id);
  if (!reservation) std::abort();
  reservation->entry().served_model = std::string_view{"claude-sonnet-4-5-20250929"};
  Outcome outcome{.delivery = core::Delivery::complete,
                  .usage = {.input = 1'125, .output = 357, .cache_read = 20'480}};
  exchange::settle(of.context, *reservation, outcome);
}

Request read(SteadyExchange& of) {
  Task<Result<std::unique_ptr<Request>>> reading = exchange::read_request(of.context, of.client);
  reading.start();
  return std::move(*reading.result().value());
}

}  // namespace

Workload admit_and_settle() {
  return {.name = "admit_and_settle", .units = 1, .prepare = [] {
            auto of = std::make_shared<SteadyExchange>();
            of->ask(false);
            Principal principal = exchange::authenticate(of->keys, of->pepper,
                                                         of->client.request_head, of->clock.wall())
                                      .value();
            const Request request = read(*of);
            return [of, principal, request]() mutable { admit_one(*of, principal, request); };
          }};
}

}  // namespace relay::bench
