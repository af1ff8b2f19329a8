#pragma once

#include <vector>

#include "admin/call.h"
#include "admin/quotas.h"
#include "admin/route.h"
#include "base/clock.h"
#include "base/time_zone.h"
#include "core/store.h"

namespace relay::admin {

// What a key may ask about itself: /api/usage and what lies below it. Also when it has nothing left
// or has expired; the caller has found out whose it is (Call::key) and that it is not disabled.
//
// Blocks: worker threads only. Thread-safe.
class UserApi {
 public:
  UserApi(core::Store& store, const TimeZone& zone, const Clock& clock, Quotas& quotas);
  UserApi(const UserApi&) = delete;
  UserApi& operator=(const UserApi&) = delete;

  Result<Reply> answer(Call call);

  [[nodiscard]] const Routes& routes() const noexcept { return routes_; }

 private:
  [[nodiscard]] std::vector<Route> make_routes();
  Result<Reply> totals(const Call& call);
  Result<Reply> daily(const Call& call);
  Result<Reply> logs(const Call& call);
  Result<Reply> quota(const Call& call);

  core::Store& store_;
  const TimeZone zone_;
  const Clock& clock_;
  Quotas& quotas_;
  Routes routes_;
};

}  // namespace relay::admin
