#pragma once

#include <chrono>
#include <map>
#include <string>

#include "admin/call.h"
#include "admin/session.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/secret.h"

namespace relay::admin {

// POST /admin/login: HTTP Basic with any user name and the administrator's password, for a token.
//
// Wrong passwords make their address wait, twice as long each time, and all addresses together a
// little; nobody is locked out for good. Thread-safe.
class Login {
 public:
  Login(const Sessions& sessions, const Secret& password, const Clock& clock);

  // unauthenticated: wrong or missing. rate_limited: too soon after wrong ones.
  Result<Reply> log_in(const Call& call);

 private:
  struct Failures {
    int count = 0;
    TimePoint until{};  // Nothing is looked at before.
  };
  std::chrono::seconds wait_of(const Address& peer, TimePoint now);
  void note_failure(const Address& peer, TimePoint now);

  const Sessions& sessions_;
  const Clock& clock_;
  std::string expected_;  // A digest of the password, so that comparing tells no length.
  Guarded<std::map<Address, Failures>> failures_;
};

}  // namespace relay::admin
