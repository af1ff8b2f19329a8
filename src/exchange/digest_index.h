#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "core/key.h"
#include "exchange/key_entry.h"

namespace relay::exchange {

// Finds the key that a secret belongs to, by its digest. It is a table with open addressing, eight
// places in a line of a processor's cache and 10 to 20 bytes for a key: where keys are so many that
// no cache holds them, it is only the key itself that has to be waited for.
//
// A digest is uniform already, and nobody who does not know the pepper can choose one: its first
// bytes are its hash. Immutable and thread-safe.
class DigestIndex {
 public:
  // The keys stay where they are as long as this is used.
  explicit DigestIndex(std::span<const KeyEntry> keys);

  // Null if there is none, if its digest is stale, or if it is of a former secret whose time is up.
  [[nodiscard]] const KeyEntry* find(const core::KeyDigest& digest, WallTime now) const noexcept;

 private:
  static constexpr std::uint32_t nobody = 0xffff'ffff;
  struct Place {
    std::uint32_t tag = 0;
    std::uint32_t key = nobody;  // Then the place is free, and a search ends here.
  };
  void add(const core::KeyDigest& digest, std::size_t key) noexcept;
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept {
    return (at + 1) & (places_.size() - 1);
  }

  std::span<const KeyEntry> keys_;
  std::vector<Place> places_;  // A power of two, and at most four fifths of them taken.
};

}  // namespace relay::exchange
