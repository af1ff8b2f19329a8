#pragma once

#include <functional>
#include <string_view>

#include "admin/call.h"
#include "base/clock.h"
#include "core/credential.h"
#include "core/store.h"

namespace relay::admin {

// The keys, as an operator manages them: /admin/api-keys and what lies below it. A key's text is in
// the answer that creates it and nowhere else.
//
// Blocks (store, slow hash): worker threads only. Thread-safe.
class KeysApi {
 public:
  // Called after every change, before the answer goes out: the key table is to follow.
  using KeysChanged = std::function<Result<void>()>;

  KeysApi(core::Store& store, const core::Pepper& pepper, const Clock& clock, KeysChanged changed);

  Result<Reply> create(const Call& call);
  Result<Reply> list(const Call& call);
  Result<Reply> show(std::string_view uuid);
  Result<Reply> set_active(std::string_view uuid, bool is_active);
  Result<Reply> remove(std::string_view uuid);

 private:
  core::Store& store_;
  const core::Pepper& pepper_;
  const Clock& clock_;
  KeysChanged changed_;
};

}  // namespace relay::admin
