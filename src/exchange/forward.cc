#include "exchange/forward.h"

#include <optional>
#include <utility>

#include "base/first_of.h"
#include "exchange/passage.h"

namespace relay::exchange {

Task<std::unique_ptr<Outcome>> forward(Context& context, const KeyEntry& key,
                                       std::unique_ptr<Request> request, http::ClientStream& client,
                                       core::Reservation& reservation) {
  Passage passage{context, key, std::move(request), client, reservation};
  {
    auto passing = first_of(passage.run(), client.gone());
    const auto first = co_await passing;
    const bool goes_on = first.index() == 1;
    if (goes_on && client.must_end()) passage.stop();

    // Without anybody to pass it on to, an answer may still be worth hearing.
    const std::optional<TimePoint> until = goes_on ? passage.hear_out() : std::nullopt;
    if (until) {
      auto rest = first_of(passing.rest_of_first(), context.sleeper.sleep_until(*until));
      co_await rest;
    }
    // What goes on here is destroyed: a client that leaves takes the upstream with it.
  }
  co_return std::move(passage).take_outcome();
}

}  // namespace relay::exchange
