#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace relay::admin {

// Who calls, for the audit.
inline constexpr std::string_view administrator_actor = "admin";
inline constexpr std::string_view local_actor = "command line";

// How long an administrator stays logged in.
inline constexpr std::chrono::seconds session_lifetime = std::chrono::hours{12};

// Issues and checks the tokens of administrators: JSON Web Tokens (RFC 7519) of one fixed form,
// HS256 under a key derived from SECRET_KEY. A header that differs in one byte from ours is
// refused, so there is no algorithm to confuse.
//
// All sessions belong to an epoch, and end with it. Thread-safe.
class Sessions {
 public:
  explicit Sessions(const Secret& secret_key);
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;
  ~Sessions();

  // For who has shown the administrator's password.
  [[nodiscard]] std::string issue(WallTime now,
                                  std::chrono::seconds lifetime = session_lifetime) const;

  // For one command on this host: whoever can read SECRET_KEY is the administrator. Of no epoch,
  // and good for limits::local_session_lifetime.
  [[nodiscard]] std::string issue_local(WallTime now) const;

  // Whose it is: "admin", "command line". unauthenticated: not ours, expired, or of another epoch.
  [[nodiscard]] Result<std::string_view> check(std::string_view token, WallTime now) const;

  [[nodiscard]] std::int64_t epoch() const noexcept { return epoch_; }
  void begin_epoch(std::int64_t epoch) noexcept { epoch_ = epoch; }

 private:
  [[nodiscard]] std::string sign(std::string_view text) const;
  [[nodiscard]] std::string signed_token(std::string_view claims) const;

  std::string key_;
  std::atomic<std::int64_t> epoch_ = 0;
};

// What a caller without a valid token is told.
Error not_logged_in();

}  // namespace relay::admin
