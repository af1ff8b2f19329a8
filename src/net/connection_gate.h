#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/address.h"
#include "base/limits.h"

namespace relay::net {

// Says which connections may come in: so many in all, and so many from one address as long as they
// have not shown that they belong here.
//
// Addresses are counted by a hash of their own process, IPv6 by networks of 64 bits: no lock, no
// memory per address. Two addresses may share a count, which makes the bound stricter for them.
//
// One for all loops. Thread-safe. Outlives its passes.
class ConnectionGate {
 public:
  class Pass;

  struct Bounds {
    std::size_t connections_max = limits::connections_max;
    std::size_t per_address_max = limits::connections_per_address_max;
  };

  ConnectionGate() : ConnectionGate{Bounds{}} {}
  explicit ConnectionGate(Bounds bounds);

  // Nothing, if there are too many.
  [[nodiscard]] std::optional<Pass> admit(const Address& address) noexcept;

  [[nodiscard]] std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

 private:
  using Count = std::atomic<std::uint32_t>;
  static constexpr std::size_t counts = 16'384;

  [[nodiscard]] Count& count_of(const Address& address) noexcept;

  Bounds bounds_;
  std::uint64_t seed_;
  std::atomic<std::size_t> open_ = 0;
  std::array<Count, counts> unproven_ = {};
};

// The place of one connection, as long as it is open.
class ConnectionGate::Pass {
 public:
  Pass(Pass&& other) noexcept
      : gate_{std::exchange(other.gate_, nullptr)},
        unproven_{std::exchange(other.unproven_, nullptr)} {}
  Pass& operator=(Pass&&) = delete;
  ~Pass();

  // From here on this connection does not count against its address.
  void prove() noexcept;

 private:
  friend class ConnectionGate;
  Pass(ConnectionGate& gate, Count& unproven) noexcept : gate_{&gate}, unproven_{&unproven} {}

  ConnectionGate* gate_;
  Count* unproven_;  // Null once proven.
};

}  // namespace relay::net
