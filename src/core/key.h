#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/ids.h"
#include "core/usage.h"

namespace relay::core {

// HMAC-SHA-256 of a key's text under the pepper: how a presented key is found. See credential.h.
using KeyDigest = std::array<std::uint8_t, 32>;

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
  std::optional<TokenCount> token_limit = {};  // None: no limit.
  std::string rate_limit_tier;                 // Empty: no limit.
  bool is_active = true;
  WallTime created_at{};
  std::optional<WallTime> expires_at = {};
  TokenCount tokens_used = 0;
};

}  // namespace relay::core
