#include "admin/account.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "admin/base64.h"
#include "admin/json_body.h"
#include "admin/json_writer.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/credential.h"
#include "http/authorization.h"

namespace relay::admin {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view password_setting = "admin_password";
constexpr std::string_view epoch_setting = "admin_session_epoch";

std::string digest(std::string_view text) {
  std::string bytes(SHA256_DIGEST_LENGTH, '\0');
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

// The password of "Basic base64(user:password)".
std::optional<std::string> presented_password(const http::RequestHead& head) {
  const std::string_view shown = http::credentials_in(head.fields, "Basic");
  if (shown.empty()) return std::nullopt;
  const std::optional<std::string> pair = parse_base64(shown);
  if (!pair) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == pair->npos) return std::nullopt;
  return pair->substr(colon + 1);
}

Error wrong_login() {
  return {.code = ErrorCode::unauthenticated,
          .origin = Origin::client,
          .message = "Wrong administrator password. Send it by HTTP Basic."};
}

// Not 401: the session is fine.
Error wrong_current_password() {
  return {.code = ErrorCode::forbidden,
          .origin = Origin::client,
          .message = "The current password is another one."};
}

Error too_soon(std::chrono::seconds wait) {
  return {.code = ErrorCode::rate_limited,
          .origin = Origin::client,
          .message = "Too many wrong passwords. Wait " + std::to_string(wait.count()) +
                     " s and try again.",
          .retry_after = wait};
}

}  // namespace

Account::Account(core::Store& store, Sessions& sessions, const Secret& configured,
                 const Clock& clock)
    : store_{store},
      sessions_{sessions},
      clock_{clock},
      configured_digest_{digest(configured.reveal())} {
}

Result<void> Account::open() {
  const auto hash = store_.find_setting(password_setting);
  if (!hash) return std::unexpected(hash.error());
  *set_hash_.lock() = hash->value_or("");
  const auto epoch = store_.find_setting(epoch_setting);
  if (!epoch) return std::unexpected(epoch.error());
  std::int64_t number = 0;
  const std::string text = epoch->value_or("0");
  std::from_chars(text.data(), text.data() + text.size(), number);
  sessions_.begin_epoch(number);
  return {};
}

bool Account::is_password(std::string_view shown) {
  const auto one_at_a_time = hashing_.lock();
  const std::string set = *set_hash_.lock();
  if (!set.empty()) return core::verify_secret(shown, set);
  const std::string bytes = digest(shown);
  return ::CRYPTO_memcmp(bytes.data(), configured_digest_.data(), bytes.size()) == 0;
}

Result<void> Account::try_password(const Call& call, std::string_view shown,
                                   std::string_view action, const Error& wrong) {
  const TimePoint now = clock_.now();
  const std::chrono::seconds wait = guesses_.wait(call.peer, now);
  if (wait > 0s) return std::unexpected(too_soon(wait));
  if (!shown.empty() && is_password(shown)) {
    guesses_.note_right(call.peer);
    return {};
  }
  guesses_.note_wrong(call.peer, now);
  // Whether there is a record of it must not change what a guesser sees.
  static_cast<void>(store_.append_audit(audit_of(call, clock_.wall(), action, "", "")));
  return std::unexpected(wrong);
}

Result<Reply> Account::log_in(const Call& call) {
  const std::string shown = presented_password(call.head).value_or("");
  const Result<void> tried = try_password(call, shown, "login.refused", wrong_login());
  if (!tried) return std::unexpected(tried.error());
  static_cast<void>(store_.append_audit(audit_of(call, clock_.wall(), "login", "", "")));
  JsonWriter json;
  json.begin_object()
      .member("access_token", sessions_.issue(clock_.wall()))
      .member("token_type", "bearer")
      .member("expires_in", session_lifetime.count())
      .end();
  return json_reply(200, json.take());
}

Result<Reply> Account::log_out(const Call& call) {
  const std::int64_t next = sessions_.epoch() + 1;
  const Result<void> kept = store_.set_setting(epoch_setting, std::to_string(next),
                                               audit_of(call, clock_.wall(), "logout", "", ""));
  if (!kept) return std::unexpected(kept.error());
  sessions_.begin_epoch(next);
  return empty_reply();
}

// The sessions end first: were this to break off in between, nobody would be left inside whom the
// new password was to keep out.
Result<void> Account::replace_password(const std::string& password, const core::AuditEntry& audit) {
  const std::int64_t next = sessions_.epoch() + 1;
  const Result<void> ended = store_.set_setting(epoch_setting, std::to_string(next));
  if (!ended) return ended;
  sessions_.begin_epoch(next);
  const std::string hash = core::hash_secret(password);
  const Result<void> kept = store_.set_setting(password_setting, hash, audit);
  if (kept) *set_hash_.lock() = hash;
  return kept;
}

Result<Reply> Account::set_password(const Call& call) {
  constexpr std::array<std::string_view, 2> members = {"current", "new"};
  const Result<nlohmann::json> body = parse_object(call.body, members);
  if (!body) return std::unexpected(body.error());
  const auto current = optional_text(*body, "current", limits::password_characters_max);
  if (!current) return std::unexpected(current.error());
  const auto wanted = required_text(*body, "new", limits::password_characters_max);
  if (!wanted) return std::unexpected(wanted.error());
  if (count_code_points(*wanted) < core::password_characters_min) {
    return std::unexpected(bad_member("new", "a text of at least 12 characters"));
  }
  if (call.actor != local_actor) {
    const Result<void> tried =
        try_password(call, current->value_or(""), "password.refused", wrong_current_password());
    if (!tried) return std::unexpected(tried.error());
  }
  const Result<void> changed =
      replace_password(*wanted, audit_of(call, clock_.wall(), "password.change", "", ""));
  if (!changed) return std::unexpected(changed.error());
  return empty_reply();
}

}  // namespace relay::admin
