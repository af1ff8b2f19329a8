#include "admin/login.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "admin/base64.h"
#include "base/limits.h"

namespace relay::admin {
namespace {

using namespace std::chrono_literals;

constexpr int free_failures = 5;                // From one address, before it has to wait,
constexpr std::chrono::seconds wait_max = 60s;  // and the longest it ever waits.

std::string digest(std::string_view text) {
  std::string bytes(SHA256_DIGEST_LENGTH, '\0');
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

// The password of "Basic base64(user:password)".
std::optional<std::string> presented_password(const http::RequestHead& head) {
  constexpr std::string_view scheme = "basic ";
  const std::string_view value = head.fields.find("authorization").value_or("");
  if (head.fields.count("authorization") != 1 || value.size() <= scheme.size()) return std::nullopt;
  if (!http::same_name(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  const std::optional<std::string> pair = parse_base64(value.substr(scheme.size()));
  if (!pair) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == pair->npos) return std::nullopt;
  return pair->substr(colon + 1);
}

Error wrong_password() {
  return {.code = ErrorCode::unauthenticated,
          .origin = Origin::client,
          .message = "Wrong administrator password. Send it by HTTP Basic."};
}

Error too_soon(std::chrono::seconds wait) {
  return {.code = ErrorCode::rate_limited,
          .origin = Origin::client,
          .message = "Too many wrong passwords. Wait " + std::to_string(wait.count()) +
                     " s and try again.",
          .retry_after = wait};
}

}  // namespace

Login::Login(const Sessions& sessions, const Secret& password, const Clock& clock)
    : sessions_{sessions}, clock_{clock}, expected_{digest(password.reveal())} {
}

Result<Reply> Login::log_in(const Call& call) {
  const TimePoint now = clock_.now();
  const std::chrono::seconds wait = wait_of(call.peer, now);
  if (wait > 0s) return std::unexpected(too_soon(wait));

  const std::optional<std::string> password = presented_password(call.head);
  const std::string shown = digest(password.value_or(""));
  const bool is_right = ::CRYPTO_memcmp(shown.data(), expected_.data(), shown.size()) == 0;
  if (!password || !is_right) {
    note_failure(call.peer, now);
    return std::unexpected(wrong_password());
  }
  failures_.lock()->erase(call.peer);
  const nlohmann::json body = {{"access_token", sessions_.issue(clock_.wall(), session_lifetime)},
                               {"token_type", "bearer"},
                               {"expires_in", session_lifetime.count()}};
  return json_reply(200, body.dump());
}

std::chrono::seconds Login::wait_of(const Address& peer, TimePoint now) {
  auto failures = failures_.lock();
  const auto found = failures->find(peer);
  if (found == failures->end() || found->second.until <= now) return 0s;
  return std::chrono::ceil<std::chrono::seconds>(found->second.until - now);
}

void Login::note_failure(const Address& peer, TimePoint now) {
  auto failures = failures_.lock();
  if (failures->size() >= limits::login_addresses_max) failures->clear();
  Failures& of_peer = (*failures)[peer];
  ++of_peer.count;
  const int doublings = std::clamp(of_peer.count - free_failures, -1, 6);
  if (doublings >= 0) of_peer.until = now + std::min(wait_max, 1s * (1 << doublings));
}

}  // namespace relay::admin
