#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "admin/call.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/time_zone.h"
#include "core/price_table.h"
#include "core/reprice.h"
#include "core/store.h"

namespace relay::admin {

// Called after a change of the stored prices, before the answer goes out: the book is to follow.
using PricesChanged = std::function<Result<void>()>;

// The prices: /admin/prices. Those that are built in and those of the operator's file can be seen,
// those of the API changed; they prevail.
//
// Blocks: worker threads only. Thread-safe.
class PricesApi {
 public:
  // `costs_corrected`: the limits of keys that were charged are to follow. No correction comes
  // twice.
  PricesApi(core::Store& store, const core::PriceBook& book, const TimeZone& zone,
            const Clock& clock, PricesChanged prices_changed,
            core::CorrectionsTaken costs_corrected)
      : store_{store},
        book_{book},
        zone_{zone},
        clock_{clock},
        prices_changed_{std::move(prices_changed)},
        costs_corrected_{std::move(costs_corrected)} {}

  // {"data": [...]}: all rows, with their origin; `stored` ones are those of the API.
  Result<Reply> list(const Call& call);

  // {"data": [...]}: from now on, these are the rows of the API. Answers as list() does.
  Result<Reply> put(const Call& call);

  // One row of the API: it holds for its models from its valid_from on, or from now, as
  // core::with_price() has it. Nothing that others change meanwhile is lost. Answers as list()
  // does.
  Result<Reply> set(const Call& call);

  // ?from&to&dry_run&after: core/reprice.h, as much of it as one call may do.
  Result<Reply> reprice(const Call& call);

 private:
  using Rows = std::vector<core::PriceRow>;
  using Change = std::function<Rows(const Rows& rows)>;
  Result<Reply> change(const Call& call, std::string_view action, const Change& change);
  Result<bool> try_change(core::AuditEntry audit, const Change& change);

  core::Store& store_;
  const core::PriceBook& book_;
  const TimeZone zone_;
  const Clock& clock_;
  PricesChanged prices_changed_;
  core::CorrectionsTaken costs_corrected_;
  Guarded<int> repricing_;  // One at a time: two would find the same corrections to make.
};

}  // namespace relay::admin
