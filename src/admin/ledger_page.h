#pragma once

#include "admin/call.h"
#include "admin/ledger_json.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "core/store.h"

namespace relay::admin {

// The page of the ledger that `call` asks for, as `reader` may see it: a key its own entries only,
// an administrator those of all keys, or of the ones it names. Blocks.
Result<Reply> ledger_page(core::Store& store, const TimeZone& zone, const Call& call,
                          Reader reader);

}  // namespace relay::admin
