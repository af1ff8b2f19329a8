#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

#include "base/address.h"
#include "base/clock.h"
#include "base/guarded.h"

namespace relay::admin {

// How often a password may be guessed (reliability T19). Wrong ones make their network wait, twice
// as long each time, up to a minute; and all networks together have few guesses a minute, of which
// those from which somebody has logged in before take no notice. So nobody is locked out for good,
// and a thousand addresses guess no faster than a few.
//
// Thread-safe.
class GuessLimit {
 public:
  // How long this peer has to wait before it may guess; 0: no time at all.
  [[nodiscard]] std::chrono::seconds wait(const Address& peer, TimePoint now);

  void note_wrong(const Address& peer, TimePoint now);
  void note_right(const Address& peer);

 private:
  using Network = std::uint64_t;
  struct Failures {
    int count = 0;
    TimePoint until{};  // Nothing is looked at before.
  };
  struct State {
    std::map<Network, Failures> of_network;
    std::deque<Network> trusted;  // Newest last.
    TimePoint all_even_at{};      // When nothing is left of what all networks have guessed.
  };
  Guarded<State> state_;
};

}  // namespace relay::admin
