#include "admin/key_json.h"

#include <cassert>
#include <vector>

#include "admin/json_body.h"
#include "admin/key_members.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "core/credential.h"
#include "core/key_status.h"
#include "core/words.h"

namespace relay::admin {
namespace {

constexpr const char* expiry = "expires_at";
constexpr const char* days_to_expiry = "expires_in_days";  // Only read; shown as `expires_at`.

std::vector<std::string_view> member_names(std::initializer_list<std::string_view> more) {
  std::vector<std::string_view> names;
  for (const KeyMember& member : key_members()) names.push_back(member.name);
  names.insert(names.end(), more);
  return names;
}

// Puts the date of expiry where the number of days until then was.
Result<void> settle_expiry(nlohmann::json& body, WallTime now) {
  const auto days = optional_count(body, days_to_expiry, 1, limits::key_days_max);
  if (!days) return std::unexpected(days.error());
  body.erase(days_to_expiry);
  if (*days && body.contains(expiry)) {
    return std::unexpected(bad_request("Give expires_at or expires_in_days, not both."));
  }
  if (*days) body[expiry] = to_rfc3339(now + std::chrono::days{**days});
  return {};
}

Result<void> check_members(const nlohmann::json& body, WallTime now) {
  core::ApiKey scratch;
  for (const KeyMember& member : key_members()) {
    const auto found = body.find(member.name);
    if (found == body.end() || member.read(*found, scratch)) continue;
    return std::unexpected(bad_member(member.name, member.expected));
  }
  if (body.contains("name") && scratch.name.empty()) {
    return std::unexpected(bad_member("name", "given, and not empty"));
  }
  if (scratch.terms.expires_at && *scratch.terms.expires_at <= now) {
    return std::unexpected(bad_member(expiry, "a time that is still to come"));
  }
  return {};
}

Result<KeyPatch> sound_patch(nlohmann::json body, WallTime now) {
  const Result<void> settled = settle_expiry(body, now);
  if (!settled) return std::unexpected(settled.error());
  const Result<void> checked = check_members(body, now);
  if (!checked) return std::unexpected(checked.error());
  return body;
}

Result<core::ApiKey> new_key(const Result<KeyPatch>& patch, WallTime now) {
  if (!patch) return std::unexpected(patch.error());
  core::ApiKey key;
  apply_patch(*patch, key);
  if (key.name.empty()) return std::unexpected(bad_member("name", "given, and not empty"));
  key.created_at = now;
  return key;
}

std::string value_of(const KeyMember& member, const core::ApiKey& key) {
  JsonWriter json;
  member.write(json, key);
  return json.take();
}

std::string shown_prefix(const core::ApiKey& key) {
  return std::string{core::key_prefix} + key.public_id;
}

template <typename Value>
std::string json_of(const Value& value) {
  JsonWriter json;
  json.value(value);
  return json.take();
}

void write_members(JsonWriter& json, const core::ApiKey& key) {
  for (const KeyMember& member : key_members()) {
    json.key(member.name);
    member.write(json, key);
  }
}

}  // namespace

void write_key(JsonWriter& json, const core::ApiKey& key, WallTime now, std::string_view secret) {
  json.begin_object().member("id", key.uuid);
  if (!secret.empty()) json.member("api_key", secret);
  json.member("key_prefix", shown_prefix(key));
  write_members(json, key);
  const auto former = key.former && key.former->valid_until > now
                          ? std::optional{key.former->valid_until}
                          : std::nullopt;
  json.member("tokens_used", key.tokens_used)
      .member("cost_used_usd", Usd{key.cost_used})
      .member("is_active", key.is_active)
      .member("status", core::to_string(core::status_of(key, now)))
      .member("created_at", key.created_at)
      .member("first_used_at", key.first_used_at)
      .member("last_used_at", key.last_used_at)
      .member("previous_secret_valid_until", former)
      .end();
}

std::string key_json(const core::ApiKey& key, WallTime now, std::string_view secret) {
  JsonWriter json;
  write_key(json, key, now, secret);
  return json.take();
}

Result<KeyPatch> parse_key_patch(std::string_view text, WallTime now) {
  Result<nlohmann::json> body = parse_object(text, member_names({days_to_expiry}));
  if (!body) return body;
  return sound_patch(*std::move(body), now);
}

void apply_patch(const KeyPatch& patch, core::ApiKey& key) {
  for (const KeyMember& member : key_members()) {
    const auto found = patch.find(member.name);
    if (found == patch.end()) continue;
    [[maybe_unused]] const bool is_sound = member.read(*found, key);
    assert(is_sound && "a patch is checked when it is parsed");
  }
}

Result<core::ApiKey> parse_new_key(std::string_view text, WallTime now) {
  return new_key(parse_key_patch(text, now), now);
}

Result<NewKeys> parse_new_keys(std::string_view text, WallTime now) {
  Result<nlohmann::json> body = parse_object(text, member_names({days_to_expiry, "count"}));
  if (!body) return std::unexpected(body.error());
  const auto count = optional_count(*body, "count", 2, limits::key_batch_max);
  if (!count) return std::unexpected(count.error());
  if (!*count) return std::unexpected(bad_member("count", "given"));
  body->erase("count");
  Result<core::ApiKey> key = new_key(sound_patch(*std::move(body), now), now);
  if (!key) return std::unexpected(key.error());
  const std::size_t longest = count_code_points(key->name) + 1 + std::to_string(**count).size();
  if (longest > limits::key_name_characters_max) {
    return std::unexpected(bad_member("name", "a text of at most " +
                                                  std::to_string(limits::key_name_characters_max) +
                                                  " characters together with a number"));
  }
  return NewKeys{.key = *std::move(key), .count = static_cast<std::size_t>(**count)};
}

KeyDifference difference(const core::ApiKey& before, const core::ApiKey& after) {
  JsonWriter old_members;
  JsonWriter new_members;
  const auto compare = [&](std::string_view name, std::string_view old_value,
                           std::string_view new_value) {
    if (old_value == new_value) return;
    old_members.key(name).raw(old_value);
    new_members.key(name).raw(new_value);
  };
  old_members.begin_object();
  new_members.begin_object();
  for (const KeyMember& member : key_members()) {
    compare(member.name, value_of(member, before), value_of(member, after));
  }
  compare("key_prefix", json_of(shown_prefix(before)), json_of(shown_prefix(after)));
  compare("is_active", json_of(before.is_active), json_of(after.is_active));
  return {old_members.end().take(), new_members.end().take()};
}

}  // namespace relay::admin
