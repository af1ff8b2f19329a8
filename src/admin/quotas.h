#pragma once

#include <optional>

#include "base/clock.h"
#include "core/allowance_view.h"
#include "core/ids.h"

namespace relay::admin {

// Where a key stands with all that it is allowed.
struct Quota {
  core::AllowanceView allowance;
  std::optional<WallTime> expires_at;  // None: not before it is used, or never.
};

// A port: how the running relay counts its keys. Thread-safe.
class Quotas {
 public:
  virtual ~Quotas() = default;

  // None: there is no such key any more.
  [[nodiscard]] virtual std::optional<Quota> quota_of(core::KeyId key) = 0;
};

}  // namespace relay::admin
