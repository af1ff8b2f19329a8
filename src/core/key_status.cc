#include "core/key_status.h"

namespace relay::core {

std::optional<WallTime> expiry_of(const KeyTerms& terms, std::optional<WallTime> first_used_at) {
  std::optional<WallTime> expiry = terms.expires_at;
  if (terms.days_from_first_use && first_used_at) {
    const WallTime end = *first_used_at + std::chrono::days{*terms.days_from_first_use};
    if (!expiry || end < *expiry) expiry = end;
  }
  return expiry;
}

KeyStatus status_of(const ApiKey& key, WallTime now) {
  if (!key.is_active) return KeyStatus::disabled;
  const std::optional<WallTime> expiry = expiry_of(key.terms, key.first_used_at);
  if (expiry && *expiry <= now) return KeyStatus::expired;
  const auto tokens = key.terms.token_limits[Window::total];
  const auto cost = key.terms.cost_limits[Window::total];
  const bool is_used_up =
      (tokens && key.tokens_used >= *tokens) || (cost && key.cost_used >= *cost);
  return is_used_up ? KeyStatus::exhausted : KeyStatus::active;
}

}  // namespace relay::core
