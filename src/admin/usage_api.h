#pragma once

#include "admin/call.h"
#include "core/store.h"

namespace relay::admin {

// GET /api/usage: what a key has used, for whoever holds it. Blocks: worker threads only.
Result<Reply> usage_of(core::Store& store, core::KeyId key);

}  // namespace relay::admin
