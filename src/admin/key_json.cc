#include "admin/key_json.h"

#include <nlohmann/json.hpp>

#include "admin/json_body.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "core/credential.h"

namespace relay::admin {
namespace {

using nlohmann::json;

Result<void> read_name(const json& body, core::ApiKey& key) {
  const Result<std::string> name = required_text(body, "name", limits::key_name_bytes_max);
  if (!name) return std::unexpected(name.error());
  key.name = *name;
  const auto description = optional_text(body, "description", limits::key_description_bytes_max);
  if (!description) return std::unexpected(description.error());
  key.description = description->value_or("");
  return {};
}

Result<void> read_limits(const json& body, core::ApiKey& key) {
  const auto limit = optional_count(body, "token_limit");
  if (!limit) return std::unexpected(limit.error());
  key.terms.token_limits[core::Window::total] = *limit;
  const auto tier = optional_text(body, "rate_limit_tier", limits::key_name_bytes_max);
  if (!tier) return std::unexpected(tier.error());
  key.terms.tier = tier->value_or("");
  return {};
}

Result<void> read_expiry(const json& body, WallTime now, core::ApiKey& key) {
  const auto text = optional_text(body, "expires_at", limits::key_name_bytes_max);
  if (!text) return std::unexpected(text.error());
  if (!*text) return {};
  const std::optional<WallTime> time = parse_rfc3339(**text);
  if (!time) return std::unexpected(bad_member("expires_at", "a time like 2027-01-31T00:00:00Z"));
  if (*time <= now)
    return std::unexpected(bad_member("expires_at", "a time that is still to come"));
  key.terms.expires_at = time;
  return {};
}

}  // namespace

json key_json(const core::ApiKey& key) {
  json shown = {{"id", key.uuid},
                {"name", key.name},
                {"description", nullptr},
                {"key_prefix", std::string{core::key_prefix} + key.public_id},
                {"token_limit", nullptr},
                {"rate_limit_tier", nullptr},
                {"tokens_used", key.tokens_used},
                {"is_active", key.is_active},
                {"created_at", to_rfc3339(key.created_at)},
                {"expires_at", nullptr}};
  if (!key.description.empty()) shown["description"] = key.description;
  const core::KeyTerms& terms = key.terms;
  if (const auto limit = terms.token_limits[core::Window::total]) shown["token_limit"] = *limit;
  if (!terms.tier.empty()) shown["rate_limit_tier"] = terms.tier;
  if (terms.expires_at) shown["expires_at"] = to_rfc3339(*terms.expires_at);
  return shown;
}

Result<core::ApiKey> parse_new_key(std::string_view text, WallTime now) {
  const Result<json> body =
      parse_object(text, {"name", "description", "token_limit", "rate_limit_tier", "expires_at"});
  if (!body) return std::unexpected(body.error());
  core::ApiKey key;
  for (const Result<void>& read :
       {read_name(*body, key), read_limits(*body, key), read_expiry(*body, now, key)}) {
    if (!read) return std::unexpected(read.error());
  }
  key.created_at = now;
  return key;
}

}  // namespace relay::admin
