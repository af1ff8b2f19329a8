#include "net/connection_gate.h"

#include <random>

#include "base/mix.h"

namespace relay::net {
namespace {

// Adds one, unless there are `max` already.
template <typename T>
bool add_below(std::atomic<T>& count, std::size_t max) noexcept {
  if (count.fetch_add(1, std::memory_order_relaxed) < max) return true;
  count.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

}  // namespace

// The seed keeps strangers from choosing whose count they share.
ConnectionGate::ConnectionGate(Bounds bounds) : bounds_{bounds} {
  std::random_device random;
  seed_ = (std::uint64_t{random()} << 32) | random();
}

ConnectionGate::Count& ConnectionGate::count_of(const Address& address) noexcept {
  return unproven_[mix(mix(network_of(address)) ^ seed_) % counts];
}

std::optional<ConnectionGate::Pass> ConnectionGate::admit(const Address& address) noexcept {
  if (!add_below(open_, bounds_.connections_max)) return std::nullopt;
  Count& unproven = count_of(address);
  if (!add_below(unproven, bounds_.per_address_max)) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return Pass{*this, unproven};
}

void ConnectionGate::Pass::prove() noexcept {
  if (unproven_ == nullptr) return;
  unproven_->fetch_sub(1, std::memory_order_relaxed);
  unproven_ = nullptr;
}

ConnectionGate::Pass::~Pass() {
  if (gate_ == nullptr) return;
  prove();
  gate_->open_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace relay::net
