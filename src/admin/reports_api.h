#pragma once

#include "admin/call.h"
#include "base/clock.h"
#include "base/time_zone.h"
#include "core/store.h"

namespace relay::admin {

// What an operator asks of the books: GET /admin/usage, /admin/logs, /admin/audit.
//
// Blocks: worker threads only. Thread-safe.
class ReportsApi {
 public:
  ReportsApi(core::Store& store, const TimeZone& zone, const Clock& clock)
      : store_{store}, zone_{zone}, clock_{clock} {}

  Result<Reply> usage(const Call& call);
  Result<Reply> logs(const Call& call);
  Result<Reply> audit(const Call& call);

 private:
  core::Store& store_;
  const TimeZone zone_;
  const Clock& clock_;
};

}  // namespace relay::admin
