#pragma once

#include <cstdint>

namespace relay {

// Every bit of the input moves every bit of the output: the finaliser of SplitMix64. With a secret
// seed mixed in, strangers cannot choose whom they collide with; it is no cryptography.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace relay
