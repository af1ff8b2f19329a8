#pragma once

#include "admin/call.h"
#include "admin/system.h"

namespace relay::admin {

// How the relay is: GET /admin/system, GET /admin/upstreams. Thread-safe.
class SystemApi {
 public:
  explicit SystemApi(System* system) noexcept : system_{system} {}

  // not_found: no relay runs.
  Result<Reply> system(const Call& call);
  Result<Reply> upstreams(const Call& call);

 private:
  System* system_;
};

}  // namespace relay::admin
