#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"
#include "core/key.h"

namespace relay::admin {

// A key as the API shows it: id, name, description, token_limit, rate_limit_tier, tokens_used,
// is_active, created_at, expires_at, and the prefix by which people recognise it.
nlohmann::json key_json(const core::ApiKey& key);

// What a request to create a key says. Members that we do not know are refused: a limit that was
// misspelt must not become a key without one.
Result<core::ApiKey> parse_new_key(std::string_view body, WallTime now);

}  // namespace relay::admin
