// P2: whoever goes on when, and whatever fails or is killed meanwhile, every exchange is charged
// once and nothing is lost of an allowance or of a journal.
//
// While a call to the store or to the disk is under way, dice say who goes on, whether the process
// is killed or the machine loses power, and how the call ends. RELAY_INTERLEAVINGS chooses how many
// seeds are tried, RELAY_INTERLEAVING_SEED from which on: alone it tries that one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "store/stepped_relay_fixture.h"

namespace relay::store {
namespace {

constexpr char seed_variable[] = "RELAY_INTERLEAVING_SEED";

class Interleaving final : public Meanwhile {
 public:
  explicit Interleaving(std::uint64_t seed) : script_{seed, seed_variable} {}

  void run() {
    while (steps_left_ != 0 && !testing::Test::HasFailure()) go_on_until_killed();
    is_calm_ = true;
    if (!relay_.is_up()) relay_.start();
    relay_.end_all();
    relay_.drain();
    relay_.expect_ledger();
    relay_.expect_room();
    relay_.expect_sums();
  }

  Fate before(std::string_view call) override {
    if (is_calm_) return Fate::done;
    script_.note("[{}", call);
    others_go_on();
    switch (script_.below(8)) {
      case 0: script_.note("fails]"); return Fate::failed;
      case 1: script_.note("fails, done"); return Fate::unknown;
      default: return Fate::done;
    }
  }
  void after() override {
    if (is_calm_) return;
    others_go_on();
    script_.note("]");
  }

 private:
  void go_on_until_killed() {
    try {
      if (!relay_.is_up()) relay_.start();
      while (steps_left_ != 0 && !testing::Test::HasFailure()) {
        --steps_left_;
        step();
      }
    } catch (const Killed& killed) {
      relay_.die(killed.has_power);
    }
  }

  void others_go_on() {
    for (std::uint64_t left = script_.below(3); left != 0; --left) step();
  }

  void step() {
    const std::uint64_t number = script_.below(60);
    if (number == 0) {
      const bool has_power = script_.below(3) != 0;
      script_.note("{}", has_power ? "kill" : "no power");
      throw Killed{.has_power = has_power};
    }
    if (number < 5) return relay_.move_clock();
    if (!relay_.is_up()) return;  // It is starting: there is nobody yet.
    if (number < 9) {
      relay_.change_limits();
    } else if (number < 15) {
      relay_.drain();
    } else if (number < 21) {
      relay_.keep();
    } else if (number < 27) {
      relay_.mark();
    } else if (number < 39) {
      relay_.end();
    } else {
      relay_.begin();
    }
    relay_.compare_some();
  }

  Script script_;
  std::uint64_t steps_left_ = 20 + script_.below(100);
  bool is_calm_ = false;  // Nothing fails, and nobody goes on meanwhile.
  SteppedRelay relay_{script_, *this};
};

TEST(Interleaving, ChargesOnceAndLosesNothingWhoeverGoesOnAndWhateverFails) {
  const bool is_chosen = std::getenv(seed_variable) != nullptr;
  const std::uint64_t first = number_from(seed_variable, std::random_device{}());
  const std::uint64_t count = number_from("RELAY_INTERLEAVINGS", is_chosen ? 1 : 2'000);
  for (std::uint64_t seed = first; seed < first + count && !HasFailure(); ++seed) {
    Interleaving{seed}.run();
  }
}

}  // namespace
}  // namespace relay::store
