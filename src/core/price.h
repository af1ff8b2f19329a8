#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "core/money.h"
#include "core/usage.h"

// What models cost. Prices are data: rows from the embedded table (core/prices.yaml), from a file
// of the operator's and from the admin API. See docs/en/prices.md.
namespace relay::core {

// Of one kind of token each, in nano-dollars per million tokens. None is derived from another: the
// ratios between them are not the same for all models.
struct TokenRates {
  static constexpr NanoUsd missing = -1;
  NanoUsd input = missing;
  NanoUsd output = missing;
  NanoUsd cache_write_5m = missing;
  NanoUsd cache_write_1h = missing;
  NanoUsd cache_read = missing;

  friend bool operator==(const TokenRates&, const TokenRates&) = default;
};

// What token rates are multiplied by, in ten-thousandths: 11'000 is 1.1.
using Factor = std::int32_t;
inline constexpr Factor factor_one = 10'000;

// Other rates, for all tokens of a request whose prompt is longer. The prompt is everything but the
// output: input, cache writes and cache reads.
struct LongPrompt {
  TokenCount above = 0;
  TokenRates rates;

  friend bool operator==(const LongPrompt&, const LongPrompt&) = default;
};

// Where a row comes from. The later one prevails.
enum class PriceOrigin : std::uint8_t { embedded, file, stored };

// The price of one or several models for a time.
struct PriceRow {
  // Ids. Also meant are an id with the date of a snapshot, "-20250929", and one with "[1m]" behind
  // it. Never matched by prefix: claude-sonnet-5-5 is not a claude-sonnet-5.
  std::vector<std::string> models;
  TokenRates rates;
  std::optional<LongPrompt> long_prompt;

  // What is none has no price: an answer that needs it counts as unpriced, and is charged as if it
  // did not need it.
  std::optional<NanoUsd> web_search;     // Per thousand. No factor applies to it.
  std::optional<Factor> fast;            // In fast mode.
  std::optional<TokenRates> fast_rates;  // Instead of `fast`: whatever the size of the prompt.
  std::optional<Factor> us;              // Inference in the US only.
  std::optional<Factor> batch;

  std::optional<WallTime> valid_from;  // Inclusive. None: ever since.
  std::optional<WallTime> valid_to;    // Exclusive. None: until further notice.
  std::string source;                  // Who says so: a URL.
  std::string checked_on;              // When a person last looked there: "2026-11-22".
  PriceOrigin origin = PriceOrigin::embedded;

  [[nodiscard]] bool holds_at(WallTime at) const noexcept {
    return (!valid_from || *valid_from <= at) && (!valid_to || at < *valid_to);
  }
  friend bool operator==(const PriceRow&, const PriceRow&) = default;
};

// A name of what the row charges: of its rates, tiers and factors, whatever models and times they
// are for. Never 0.
[[nodiscard]] std::uint32_t price_version(const PriceRow& row);

// Why the row can be no price, in words; empty if it can.
[[nodiscard]] std::string fault_in(const PriceRow& row);

// What usage costs by a row that has no fault. All of it is added up exactly and rounded once, to
// the nearest nano-dollar, half of one up. Counts outside 0 to limits::tokens_per_count_max are
// taken as the nearest that is inside.
[[nodiscard]] NanoUsd cost_of(const Usage& usage, const ServiceTerms& terms,
                              const PriceRow& row) noexcept;

// Whether the row has a price for all of it.
[[nodiscard]] bool prices_all_of(const Usage& usage, const ServiceTerms& terms,
                                 const PriceRow& row) noexcept;

}  // namespace relay::core
