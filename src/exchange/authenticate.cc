#include "exchange/authenticate.h"

#include <algorithm>
#include <optional>

#include "http/authorization.h"

namespace relay::exchange {
namespace {

constexpr std::string_view no_key =
    "No valid API key. Send the key you were given for this relay as x-api-key or as "
    "Authorization: Bearer.";

Error unauthenticated(std::string_view why, std::string detail) {
  return {.code = ErrorCode::unauthenticated,
          .origin = Origin::client,
          .message = std::string{why},
          .detail = std::move(detail)};
}

Result<void> look_up(const KeyTable& keys, WallTime now, Principal& principal) {
  principal.keys = keys.snapshot();
  principal.key = principal.keys->find(principal.digest, now);
  if (principal.key == nullptr) return std::unexpected(unauthenticated(no_key, "unknown key"));
  return {};
}

// However many spaces there are before it.
std::string_view bearer_token(std::string_view value) noexcept {
  const std::string_view token = http::credentials_in(value, "Bearer");
  return token.substr(std::min(token.find_first_not_of(' '), token.size()));
}

// Empty, if it is not one of ours.
std::string_view if_ours(std::string_view text) noexcept {
  return core::parse_key(text) ? text : std::string_view{};
}

}  // namespace

Result<std::string_view> presented_key(const http::RequestHead& head) {
  if (head.fields.count("x-api-key") > 1 || head.fields.count("authorization") > 1) {
    return std::unexpected(Error{.code = ErrorCode::invalid_request,
                                 .origin = Origin::client,
                                 .message = "A credential field was sent twice."});
  }
  const std::string_view in_field = if_ours(head.fields.find("x-api-key").value_or(""));
  const std::string_view as_token =
      if_ours(bearer_token(head.fields.find("authorization").value_or("")));
  if (!in_field.empty() && !as_token.empty() && in_field != as_token) {
    return std::unexpected(unauthenticated(
        "x-api-key and Authorization carry two different keys of this relay. Send one of them.",
        "two keys"));
  }
  const std::string_view key = in_field.empty() ? as_token : in_field;
  if (key.empty()) return std::unexpected(unauthenticated(no_key, "no well-formed key"));
  return key;
}

Result<Principal> authenticate(const KeyTable& keys, const core::Pepper& pepper,
                               const http::RequestHead& head, WallTime now) {
  const Result<std::string_view> key = presented_key(head);
  if (!key) return std::unexpected(key.error());
  Principal principal{.digest = pepper.digest(*key)};
  const Result<void> found = look_up(keys, now, principal);
  if (!found) return std::unexpected(found.error());
  return principal;
}

Result<void> renew(const KeyTable& keys, WallTime now, Principal& principal) {
  if (keys.is_current(principal.keys.get())) return {};
  return look_up(keys, now, principal);
}

bool may_be_stale(const KeyTable& keys, const http::RequestHead& head) {
  const std::shared_ptr<const KeySnapshot> snapshot = keys.snapshot();
  if (!snapshot->has_stale_digests()) return false;
  const Result<std::string_view> key = presented_key(head);
  if (!key) return false;
  const KeyEntry* const entry = snapshot->find_public(core::parse_key(*key)->public_id);
  return entry != nullptr && entry->has_stale_digest;
}

}  // namespace relay::exchange
