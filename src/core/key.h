#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/ids.h"
#include "core/money.h"
#include "core/terms.h"
#include "core/usage.h"

namespace relay::core {

// HMAC-SHA-256 of a key's text under the pepper: how a presented key is found. See credential.h.
using KeyDigest = std::array<std::uint8_t, 32>;

struct FormerSecret {
  std::string public_id;
  std::string secret_hash;
  KeyDigest digest = {};
  WallTime valid_until{};
};

// A key as it is stored. Its secret is not: it exists in the clear only in the answer that creates
// it. Times are UTC.
struct ApiKey {
  KeyId id = {};
  std::string uuid;         // What the API calls id.
  std::string public_id;    // The 10 digits after "sk-proxy-", by which people recognise it.
  std::string secret_hash;  // bcrypt of base64(SHA-256(key)): the durable truth.
  KeyDigest digest = {};    // The index of the hot path; made anew when the pepper changes.
  std::string name;
  std::string description;
  std::string owner;
  std::vector<std::string> tags;
  KeyTerms terms;
  bool is_active = true;
  WallTime created_at{};

  // The secret before the last rotation, which is still good for a while.
  std::optional<FormerSecret> former = {};

  // What the ledger says.
  TokenCount tokens_used = 0;
  NanoUsd cost_used = 0;
  std::optional<WallTime> first_used_at = {};
  std::optional<WallTime> last_used_at = {};
};

}  // namespace relay::core
