#pragma once

#include <functional>

#include "admin/call.h"
#include "base/clock.h"
#include "core/price_table.h"
#include "core/store.h"

namespace relay::admin {

// The prices: /admin/prices. Those that are built in and those of the operator's file can be seen,
// those of the API changed; they prevail.
//
// Blocks: worker threads only. Thread-safe.
class PricesApi {
 public:
  // Called after every change, before the answer goes out: the book is to follow.
  using PricesChanged = std::function<Result<void>()>;

  PricesApi(core::Store& store, const core::PriceBook& book, const Clock& clock,
            PricesChanged changed)
      : store_{store}, book_{book}, clock_{clock}, changed_{std::move(changed)} {}

  // {"data": [...]}: all rows, with their origin; `stored` ones are those of the API.
  Result<Reply> list(const Call& call);

  // {"data": [...]}: from now on, these are the rows of the API. Answers as list() does.
  Result<Reply> put(const Call& call);

  // {"from": "...", "to": "...", "dry_run": true}: core/reprice.h. `to` is now, if it is left out.
  Result<Reply> reprice(const Call& call);

 private:
  core::Store& store_;
  const core::PriceBook& book_;
  const Clock& clock_;
  PricesChanged changed_;
};

}  // namespace relay::admin
