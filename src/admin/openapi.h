#pragma once

#include <string_view>

#include "admin/call.h"

namespace relay::admin {

// What the relay's own paths take and answer: api/openapi.yaml as JSON, which is part of the
// binary. Never ends.
std::string_view openapi_json() noexcept;

// GET /openapi.json. It holds no secret: caches may keep it for a while.
Reply openapi_reply();

}  // namespace relay::admin
