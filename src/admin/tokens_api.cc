#include "admin/tokens_api.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "admin/json_body.h"
#include "admin/json_writer.h"
#include "admin/session.h"
#include "base/limits.h"
#include "base/rfc3339.h"

namespace relay::admin {
namespace {

using core::AdminToken;

void write_token(JsonWriter& json, const AdminToken& token, std::string_view secret = {}) {
  json.begin_object().member("id", token.uuid);
  if (!secret.empty()) json.member("token", secret);
  json.member("name", token.name)
      .member("created_at", token.created_at)
      .member("expires_at", token.expires_at)
      .member("last_used_at", token.last_used_at)
      .end();
}

std::string json_of(const AdminToken& token, std::string_view secret = {}) {
  JsonWriter json;
  write_token(json, token, secret);
  return json.take();
}

Result<AdminToken> parse_new_token(std::string_view text, WallTime now) {
  constexpr std::array<std::string_view, 2> members = {"name", "expires_in_days"};
  const Result<nlohmann::json> body = parse_object(text, members);
  if (!body) return std::unexpected(body.error());
  Result<std::string> name = required_text(*body, "name", limits::key_name_characters_max);
  if (!name) return std::unexpected(name.error());
  const auto days = optional_count(*body, "expires_in_days", 1, limits::key_days_max);
  if (!days) return std::unexpected(days.error());
  AdminToken token{.uuid = core::new_uuid(), .name = *std::move(name), .created_at = now};
  if (*days) token.expires_at = now + std::chrono::days{**days};
  return token;
}

Error too_many() {
  return {.code = ErrorCode::conflict,
          .origin = Origin::client,
          .message = "There are " + std::to_string(limits::admin_tokens_max) +
                     " admin tokens already. Delete one of them."};
}

}  // namespace

Result<Reply> TokensApi::create(const Call& call) {
  const WallTime now = clock_.wall();
  Result<AdminToken> token = parse_new_token(call.body, now);
  if (!token) return std::unexpected(token.error());
  const Result<std::vector<AdminToken>> others = store_.all_admin_tokens();
  if (!others) return std::unexpected(others.error());
  if (others->size() >= limits::admin_tokens_max) return std::unexpected(too_many());

  const Secret text = core::generate_admin_token();
  token->digest = pepper_.digest(text.reveal());
  core::AuditEntry audit = audit_of(call, now, "token.create", token->uuid, token->name);
  audit.after = json_of(*token);
  const Result<void> created = store_.create_admin_token(*token, audit);
  if (!created) return std::unexpected(created.error());
  return json_reply(201, json_of(*token, text.reveal()));
}

Result<Reply> TokensApi::list(const Call&) {
  const Result<std::vector<AdminToken>> tokens = store_.all_admin_tokens();
  if (!tokens) return std::unexpected(tokens.error());
  JsonWriter json;
  json.begin_object().key("data").begin_list();
  for (const AdminToken& token : *tokens) write_token(json, token);
  json.end().end();
  return json_reply(200, json.take());
}

Result<Reply> TokensApi::remove(const Call& call) {
  const Result<std::vector<AdminToken>> tokens = store_.all_admin_tokens();
  if (!tokens) return std::unexpected(tokens.error());
  const auto token = std::ranges::find(*tokens, call.object, &AdminToken::uuid);
  core::AuditEntry audit = audit_of(call, clock_.wall(), "token.delete", call.object, "");
  if (token != tokens->end()) {
    audit.name = token->name;
    audit.before = json_of(*token);
  }
  const Result<void> removed = store_.delete_admin_token(call.object, audit);
  if (!removed) return std::unexpected(removed.error());
  return empty_reply();
}

Result<std::string> TokensApi::check(std::string_view text) {
  if (!core::parse_admin_token(text)) return std::unexpected(not_logged_in());
  const Result<std::vector<AdminToken>> tokens = store_.all_admin_tokens();
  if (!tokens) return std::unexpected(tokens.error());
  const WallTime now = clock_.wall();
  const core::KeyDigest digest = pepper_.digest(text);
  const auto is_it = [&](const AdminToken& each) {
    return core::equal_digests(each.digest, digest) && (!each.expires_at || *each.expires_at > now);
  };
  const auto token = std::ranges::find_if(*tokens, is_it);
  if (token == tokens->end()) return std::unexpected(not_logged_in());
  const bool is_due =
      !token->last_used_at || *token->last_used_at + limits::admin_token_touch_interval <= now;
  if (is_due) static_cast<void>(store_.touch_admin_token(token->uuid, now));
  return "token " + token->name;
}

}  // namespace relay::admin
