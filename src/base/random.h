#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace relay {

// Fills `bytes` from the kernel's generator (getrandom), which never fails once it is seeded. Fit
// for secrets. Small draws are served from a stock of this thread, which a fork does not inherit.
// Thread-safe.
void random_bytes(std::span<std::uint8_t> bytes) noexcept;

inline constexpr std::string_view base62_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Fills `text` with random base62 digits, all equally likely.
void random_base62(std::span<char> text) noexcept;

}  // namespace relay
