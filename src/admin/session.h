#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace relay::admin {

// How long an administrator stays logged in.
inline constexpr std::chrono::seconds session_lifetime = std::chrono::hours{12};

// Issues and checks the tokens of administrators: JSON Web Tokens (RFC 7519) of one fixed form,
// HS256 under a key derived from SECRET_KEY. A header that differs in one byte from ours is
// refused, so there is no algorithm to confuse.
//
// Immutable and thread-safe.
class Sessions {
 public:
  explicit Sessions(const Secret& secret_key);
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;
  ~Sessions();

  [[nodiscard]] std::string issue(WallTime now, std::chrono::seconds lifetime) const;

  // unauthenticated: not ours, or expired.
  [[nodiscard]] Result<void> check(std::string_view token, WallTime now) const;

 private:
  [[nodiscard]] std::string sign(std::string_view text) const;

  std::string key_;
};

}  // namespace relay::admin
