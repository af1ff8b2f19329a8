#pragma once

#include "admin/quotas.h"
#include "base/clock.h"
#include "base/time_zone.h"
#include "exchange/key_table.h"

namespace relay::app {

// The quotas of the keys in a table, by the allowances that the pipeline counts with.
class KeyQuotas final : public admin::Quotas {
 public:
  KeyQuotas(const exchange::KeyTable& keys, TimeZone zone, const Clock& clock)
      : keys_{keys}, zone_{std::move(zone)}, clock_{clock} {}

  [[nodiscard]] std::optional<admin::Quota> quota_of(core::KeyId key) override;

 private:
  const exchange::KeyTable& keys_;
  const TimeZone zone_;
  const Clock& clock_;
};

}  // namespace relay::app
