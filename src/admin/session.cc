#include "admin/session.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "admin/base64.h"
#include "base/limits.h"
#include "core/ids.h"

namespace relay::admin {
namespace {

using nlohmann::json;

constexpr std::string_view header = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view audience = "relay-station-admin";
constexpr std::string_view issuer = "relay-station";
constexpr std::string_view key_label = "relay-station admin session v1";

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()), &size);
  digest.resize(size);
  return digest;
}

std::int64_t seconds_of(WallTime time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::optional<std::int64_t> number(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

bool says(const json& claims, const char* name, std::string_view text) {
  const auto found = claims.find(name);
  return found != claims.end() && *found == text;
}

// Ours, for this relay, not expired, and no longer good than it may be.
bool is_current(const json& claims, WallTime now, std::chrono::seconds lifetime_max) {
  const auto issued = number(claims, "iat");
  const auto expires = number(claims, "exp");
  return says(claims, "iss", issuer) && says(claims, "aud", audience) && issued && expires &&
         seconds_of(now) < *expires && *expires - *issued <= lifetime_max.count();
}

json claims_of(std::string_view subject, WallTime now, std::chrono::seconds lifetime) {
  return {{"iss", issuer},          {"aud", audience},
          {"sub", subject},         {"jti", core::new_uuid()},
          {"iat", seconds_of(now)}, {"exp", seconds_of(now) + lifetime.count()}};
}

}  // namespace

Sessions::Sessions(const Secret& secret_key) : key_{hmac_sha256(secret_key.reveal(), key_label)} {
}

Sessions::~Sessions() {
  ::OPENSSL_cleanse(key_.data(), key_.size());
}

std::string Sessions::sign(std::string_view text) const {
  return base64url(hmac_sha256(key_, text));
}

std::string Sessions::signed_token(std::string_view claims) const {
  std::string token = base64url(header) + '.' + base64url(claims);
  token += '.' + sign(token);
  return token;
}

std::string Sessions::issue(WallTime now, std::chrono::seconds lifetime) const {
  json claims = claims_of(administrator_actor, now, lifetime);
  claims["epoch"] = epoch();
  return signed_token(claims.dump());
}

std::string Sessions::issue_local(WallTime now) const {
  return signed_token(claims_of(local_actor, now, limits::local_session_lifetime).dump());
}

Result<std::string_view> Sessions::check(std::string_view token, WallTime now) const {
  const std::size_t last_dot = token.rfind('.');
  if (token.size() > limits::session_token_bytes_max || last_dot == token.npos) {
    return std::unexpected(not_logged_in());
  }
  const std::string_view text = token.substr(0, last_dot);
  const std::string expected = sign(text);
  const std::string_view signature = token.substr(last_dot + 1);
  const bool is_signed = signature.size() == expected.size() &&
                         ::CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
  const std::string prefix = base64url(header) + '.';
  if (!is_signed || !text.starts_with(prefix)) return std::unexpected(not_logged_in());

  const std::optional<std::string> payload = parse_base64url(text.substr(prefix.size()));
  if (!payload) return std::unexpected(not_logged_in());
  const json claims = json::parse(*payload, nullptr, false);
  if (!claims.is_object()) return std::unexpected(not_logged_in());
  const bool is_local = says(claims, "sub", local_actor);
  if (is_local && is_current(claims, now, limits::local_session_lifetime)) return local_actor;
  const bool is_session =
      says(claims, "sub", administrator_actor) && number(claims, "epoch") == epoch();
  if (is_session && is_current(claims, now, session_lifetime)) return administrator_actor;
  return std::unexpected(not_logged_in());
}

Error not_logged_in() {
  return {.code = ErrorCode::unauthenticated,
          .origin = Origin::client,
          .message =
              "Log in first: POST /admin/login with the administrator's password, then send "
              "the token as Authorization: Bearer."};
}

}  // namespace relay::admin
