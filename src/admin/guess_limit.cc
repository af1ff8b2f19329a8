#include "admin/guess_limit.h"

#include <algorithm>

#include "base/limits.h"

namespace relay::admin {
namespace {

using namespace std::chrono_literals;

constexpr int free_failures = 5;                // From one network, before it has to wait,
constexpr std::chrono::seconds wait_max = 60s;  // and the longest it ever waits.
constexpr int doublings_max = 6;
constexpr int guesses_of_all = 8;    // At once, from everywhere together,
constexpr auto guess_interval = 6s;  // and then one in this time.

std::chrono::seconds rest(TimePoint until, TimePoint now) {
  return until > now ? std::chrono::ceil<std::chrono::seconds>(until - now) : 0s;
}

}  // namespace

std::chrono::seconds GuessLimit::wait(const Address& peer, TimePoint now) {
  auto state = state_.lock();
  const Network network = network_of(peer);
  const auto failures = state->of_network.find(network);
  const auto own = failures == state->of_network.end() ? 0s : rest(failures->second.until, now);
  if (own > 0s || std::ranges::find(state->trusted, network) != state->trusted.end()) return own;
  return rest(state->all_even_at - (guesses_of_all - 1) * guess_interval, now);
}

void GuessLimit::note_wrong(const Address& peer, TimePoint now) {
  auto state = state_.lock();
  if (state->of_network.size() >= limits::login_networks_max) state->of_network.clear();
  Failures& failures = state->of_network[network_of(peer)];
  const int doublings = std::min(++failures.count - free_failures, doublings_max);
  if (doublings >= 0) failures.until = now + std::min(wait_max, 1s * (1 << doublings));
  state->all_even_at = std::max(state->all_even_at, now) + guess_interval;
}

void GuessLimit::note_right(const Address& peer) {
  auto state = state_.lock();
  const Network network = network_of(peer);
  state->of_network.erase(network);
  std::erase(state->trusted, network);
  state->trusted.push_back(network);
  if (state->trusted.size() > limits::trusted_networks_max) state->trusted.pop_front();
}

}  // namespace relay::admin
