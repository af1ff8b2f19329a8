#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "admin/call.h"
#include "base/clock.h"
#include "core/credential.h"
#include "core/store.h"

namespace relay::admin {

// Called after every change to keys or tiers, before the answer goes out: the key table is to
// follow.
using KeysChanged = std::function<Result<void>()>;

// The keys, as an operator manages them: /admin/api-keys and what lies below it. A key's text is in
// the answer that creates it and nowhere else.
//
// Blocks (store, slow hash): worker threads only. Thread-safe.
class KeysApi {
 public:
  KeysApi(core::Store& store, const core::Pepper& pepper, const Clock& clock, KeysChanged changed);

  Result<Reply> create(const Call& call);
  Result<Reply> create_several(const Call& call);
  Result<Reply> list(const Call& call);
  Result<Reply> show(const Call& call);
  Result<Reply> update(const Call& call);
  Result<Reply> rotate(const Call& call);
  Result<Reply> disable(const Call& call);
  Result<Reply> enable(const Call& call);
  Result<Reply> remove(const Call& call);

 private:
  using Alter = std::function<void(core::ApiKey& key)>;

  Result<void> check_tier(const std::string& tier);
  Result<Reply> change(const Call& call, std::string_view action, const Alter& alter,
                       std::string_view secret = {});
  Result<Reply> list_all();

  core::Store& store_;
  const core::Pepper& pepper_;
  const Clock& clock_;
  KeysChanged changed_;
};

}  // namespace relay::admin
