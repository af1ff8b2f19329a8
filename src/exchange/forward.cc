#include "exchange/forward.h"

#include "base/first_of.h"
#include "exchange/passage.h"

namespace relay::exchange {

Task<Outcome> forward(Context& context, const KeyEntry& key, const Request& request,
                      http::ClientStream& client, core::Reservation& reservation) {
  Passage passage{context, key, request, client, reservation};
  {
    // Whoever does not end first is destroyed: a client that leaves takes the upstream with it.
    auto either = first_of(passage.run(), client.gone());
    co_await either;
  }
  co_return std::move(passage).take_outcome();
}

}  // namespace relay::exchange
