#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/frame_pool.h"
#include "claude/advisor_usage.h"
#include "core/ledger.h"
#include "exchange/advisor_charges.h"
#include "http/ports.h"

namespace relay::exchange {

// What became of a request that was forwarded. The last bytes are held back: they go to the client
// once the exchange is settled, so that a client that has its whole answer has also been charged.
// Is there only at the end, so it takes its own memory.
struct Outcome : InFramePool {
  core::Delivery delivery = core::Delivery::refused;
  core::Usage usage = {};
  claude::AdvisorUsages advisors = {};  // Owed beside it,
  AdvisorCharges advisor_charges = {};  // on these lines.
  std::optional<Error> error = {};      // Nothing was sent: the client is still to be told this.
  std::string_view last_bytes = {};
  bool is_cut = false;    // The client is to see that the answer is not whole.
  bool is_alone = false;  // The client has left: nobody is to be told anything.

  // What last_bytes lie in; or they are these, which move with the outcome.
  std::unique_ptr<http::Answer> answer = {};
  std::string held = {};

  [[nodiscard]] std::string_view tail() const noexcept {
    return held.empty() ? last_bytes : std::string_view{held};
  }
};

}  // namespace relay::exchange
