#pragma once

#include <string>

#include "admin/call.h"
#include "admin/guess_limit.h"
#include "admin/session.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/secret.h"
#include "core/store.h"

namespace relay::admin {

// The administrator: logs in with a password, out again, and changes it. A password that was set
// here is kept in the store, as a slow hash, and stands in place of the configured one from then
// on. Logging out and a new password end all sessions.
//
// Blocks (store, slow hash): worker threads only. Thread-safe.
class Account {
 public:
  Account(core::Store& store, Sessions& sessions, const Secret& configured, const Clock& clock);

  // Once, before there are calls: reads what was set here, and the epoch of the sessions.
  Result<void> open();

  // HTTP Basic with any user name and the password, for a session's token. unauthenticated: wrong
  // or missing. rate_limited: too soon after wrong ones.
  Result<Reply> log_in(const Call& call);
  Result<Reply> log_out(const Call& call);

  // forbidden: the current one was not shown, which a command on this host need not.
  Result<Reply> set_password(const Call& call);

 private:
  [[nodiscard]] bool is_password(std::string_view shown);
  Result<void> try_password(const Call& call, std::string_view shown, std::string_view action,
                            const Error& wrong);
  Result<void> replace_password(const std::string& password, const core::AuditEntry& audit);

  core::Store& store_;
  Sessions& sessions_;
  const Clock& clock_;
  GuessLimit guesses_;
  const std::string configured_digest_;  // So that comparing tells no length.
  Guarded<std::string> set_hash_;        // Of the password that was set here; empty: none was.
  Guarded<int> hashing_;                 // One at a time.
};

}  // namespace relay::admin
