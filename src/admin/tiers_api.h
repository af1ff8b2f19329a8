#pragma once

#include <span>

#include "admin/call.h"
#include "admin/keys_api.h"
#include "base/clock.h"
#include "core/store.h"

namespace relay::admin {

// The tiers of request rates: /admin/tiers. A change holds from the next request on.
//
// Blocks: worker threads only. Thread-safe.
class TiersApi {
 public:
  TiersApi(core::Store& store, const Clock& clock, KeysChanged changed)
      : store_{store}, clock_{clock}, changed_{std::move(changed)} {}

  Result<Reply> list(const Call& call);
  Result<Reply> show(const Call& call);
  Result<Reply> put(const Call& call);
  Result<Reply> remove(const Call& call);

 private:
  core::Store& store_;
  const Clock& clock_;
  KeysChanged changed_;
};

// At start: puts the tiers of the configuration into the store, but for those that the API has
// changed since, and takes out those that are configured no more, unless keys name them.
Result<void> put_configured_tiers(core::Store& store, std::span<const core::Tier> tiers,
                                  WallTime now);

}  // namespace relay::admin
