#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "core/key_list.h"
#include "core/ledger.h"
#include "core/price.h"

// By which words the APIs, the store's reports and the logs name what the ledger has as numbers.
namespace relay::core {
namespace words {

// In the order of the enumerators.
inline constexpr std::array<std::string_view, 6> deliveries = {
    "complete", "client_gone", "upstream_failed", "refused", "abandoned", "adjusted"};
inline constexpr std::array<std::string_view, 8> endpoints = {
    "messages", "count_tokens", "chat_completions", "batches", "files",
    "models",   "other",        "advisor"};
inline constexpr std::array<std::string_view, 3> price_origins = {"embedded", "file", "stored"};
inline constexpr std::array<std::string_view, 4> key_statuses = {"active", "disabled", "expired",
                                                                 "exhausted"};

template <typename Enum, std::size_t size>
constexpr std::optional<Enum> find(const std::array<std::string_view, size>& all,
                                   std::string_view word) noexcept {
  const auto found = std::ranges::find(all, word);
  if (found == all.end()) return std::nullopt;
  return static_cast<Enum>(found - all.begin());
}

}  // namespace words

constexpr std::string_view to_string(Delivery delivery) noexcept {
  return words::deliveries[static_cast<std::size_t>(delivery)];
}
constexpr std::optional<Delivery> parse_delivery(std::string_view word) noexcept {
  return words::find<Delivery>(words::deliveries, word);
}

constexpr std::string_view to_string(Endpoint endpoint) noexcept {
  return words::endpoints[static_cast<std::size_t>(endpoint)];
}
constexpr std::optional<Endpoint> parse_endpoint(std::string_view word) noexcept {
  return words::find<Endpoint>(words::endpoints, word);
}

constexpr std::string_view to_string(KeyStatus status) noexcept {
  return words::key_statuses[static_cast<std::size_t>(status)];
}
constexpr std::optional<KeyStatus> parse_key_status(std::string_view word) noexcept {
  return words::find<KeyStatus>(words::key_statuses, word);
}

constexpr std::string_view to_string(PriceOrigin origin) noexcept {
  return words::price_origins[static_cast<std::size_t>(origin)];
}
constexpr std::optional<PriceOrigin> parse_price_origin(std::string_view word) noexcept {
  return words::find<PriceOrigin>(words::price_origins, word);
}

static_assert(to_string(Delivery::adjusted) == "adjusted");
static_assert(to_string(Endpoint::advisor) == "advisor");
static_assert(to_string(KeyStatus::exhausted) == "exhausted");
static_assert(to_string(PriceOrigin::stored) == "stored");

}  // namespace relay::core
