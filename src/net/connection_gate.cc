#include "net/connection_gate.h"

#include <cstring>
#include <random>

namespace relay::net {
namespace {

// What one customer of a provider is given: an IPv4 address, or 64 bits of IPv6.
std::uint64_t network_of(const Address& address) noexcept {
  std::uint64_t network = 0;
  std::memcpy(&network, address.bytes.data() + (address.is_v4() ? 8 : 0), sizeof network);
  return network;
}

// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

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
