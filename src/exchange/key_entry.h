#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "core/allowance.h"
#include "core/key.h"

namespace relay::exchange {

// The secret that a key had before it was rotated.
struct FormerDigest {
  core::KeyDigest digest = {};
  WallTime valid_until{};
};

// What is left of an ApiKey on the data path. Immutable; a change to a key makes a new one.
struct KeyEntry {
  core::KeyId id = {};
  core::KeyDigest digest = {};
  std::optional<FormerDigest> former = {};
  std::string uuid;
  std::string public_id;
  std::string name;
  std::string secret_hash;  // Only to prove a key whose digest is stale.
  bool is_active = true;
  bool has_stale_digest =
      false;  // Made under another pepper: proved by its slow hash on first use.

  core::KeyTerms terms = {};
  core::AllowanceTerms allowed = {};     // How much of it, by these and by the tier,
  core::Allowance* allowance = nullptr;  // and how it stands with that. Null: it is not counted.
};

}  // namespace relay::exchange
