#include "app/key_quotas.h"

#include "core/key_status.h"

namespace relay::app {

std::optional<admin::Quota> KeyQuotas::quota_of(core::KeyId key) {
  const auto keys = keys_.snapshot();
  const exchange::KeyEntry* const entry = keys->find(key);
  if (entry == nullptr || entry->allowance == nullptr) return std::nullopt;
  const core::Allowance& allowance = *entry->allowance;
  return admin::Quota{.allowance = core::view_of(allowance, entry->allowed, zone_, clock_),
                      .expires_at = core::expiry_of(entry->terms, allowance.first_used())};
}

}  // namespace relay::app
