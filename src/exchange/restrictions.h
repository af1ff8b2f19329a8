#pragma once

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "exchange/key_table.h"
#include "exchange/request.h"
#include "http/head.h"

namespace relay::exchange {

// Whether the key may be used at all, now and from there. unauthenticated: it is disabled, or has
// expired. forbidden: this address or this web page is not one of those it is for.
Result<void> check_access(const KeyEntry& key, const http::RequestHead& head, const Address& client,
                          WallTime now);

// What a disabled key is told, wherever it is shown.
[[nodiscard]] Error disabled_key();

// Whether it may be used for this model, and for those that are to advise it. forbidden: not, or
// nobody can tell.
Result<void> check_model(const KeyEntry& key, const http::RequestHead& head,
                         const Request& request);

}  // namespace relay::exchange
