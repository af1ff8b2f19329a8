#pragma once

#include <string>
#include <string_view>

#include "admin/call.h"
#include "base/clock.h"
#include "core/credential.h"
#include "core/store.h"

namespace relay::admin {

// Long-lived tokens of programs that administer the relay: /admin/tokens. A token's text is in the
// answer that creates it and nowhere else. All of them end when SECRET_KEY is replaced, because
// only their digests under it are kept.
//
// Blocks: worker threads only. Thread-safe.
class TokensApi {
 public:
  TokensApi(core::Store& store, const core::Pepper& pepper, const Clock& clock) noexcept
      : store_{store}, pepper_{pepper}, clock_{clock} {}

  Result<Reply> create(const Call& call);
  Result<Reply> list(const Call& call);
  Result<Reply> remove(const Call& call);

  // Whose token this is: "token NAME". unauthenticated: it is none of ours, or has expired.
  Result<std::string> check(std::string_view token);

 private:
  core::Store& store_;
  const core::Pepper& pepper_;
  const Clock& clock_;
};

}  // namespace relay::admin
