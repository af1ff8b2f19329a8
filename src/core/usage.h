#pragma once

#include <algorithm>
#include <cstdint>

#include "base/limits.h"

namespace relay::core {

using TokenCount = std::int64_t;

// Tokens of one exchange, in the kinds the upstream bills separately. Trivially copyable.
struct Usage {
  TokenCount input = 0;           // Without what was cached.
  TokenCount output = 0;          // Thinking included.
  TokenCount cache_write_5m = 0;  // cache_creation_input_tokens, unless the upstream splits it.
  TokenCount cache_write_1h = 0;
  TokenCount cache_read = 0;
  std::int32_t web_searches = 0;  // Not tokens; they cost money.
  bool is_estimated = false;      // The upstream did not say it all: part of this is our guess.

  [[nodiscard]] TokenCount cache_write() const noexcept { return cache_write_5m + cache_write_1h; }
  [[nodiscard]] TokenCount total() const noexcept {
    return input + output + cache_write() + cache_read;
  }
  // What two exchanges used together: an estimate if one of them is.
  Usage& operator+=(const Usage& other) noexcept {
    input += other.input;
    output += other.output;
    cache_write_5m += other.cache_write_5m;
    cache_write_1h += other.cache_write_1h;
    cache_read += other.cache_read;
    web_searches += other.web_searches;
    is_estimated |= other.is_estimated;
    return *this;
  }
  friend bool operator==(const Usage&, const Usage&) = default;
};

// All kinds of tokens.
inline constexpr TokenCount Usage::*token_kinds[] = {&Usage::input, &Usage::output,
                                                     &Usage::cache_write_5m, &Usage::cache_write_1h,
                                                     &Usage::cache_read};

// Of each kind at most what one exchange can have used of it.
[[nodiscard]] constexpr Usage bounded(Usage usage) noexcept {
  for (const auto kind : token_kinds) {
    usage.*kind = std::min(usage.*kind, limits::tokens_per_count_max);
  }
  return usage;
}

enum class ServiceTier : std::uint8_t { unknown, standard, priority, batch };
enum class InferenceGeo : std::uint8_t { unknown, global, us, other };

// What the price of an answer depends upon besides its counts. Trivially copyable.
struct ServiceTerms {
  ServiceTier tier = ServiceTier::unknown;
  InferenceGeo geo = InferenceGeo::unknown;
  bool is_fast = false;

  friend bool operator==(const ServiceTerms&, const ServiceTerms&) = default;
};

}  // namespace relay::core
