#pragma once

#include <vector>

#include "app/config.h"
#include "base/guarded.h"
#include "base/result.h"
#include "core/price_table.h"
#include "core/store.h"

namespace relay::app {

// Keeps the price book in step with the configuration and the store. Thread-safe; blocks: start-up
// and worker threads only.
class PriceDirectory {
 public:
  PriceDirectory(core::Store& store, const PricesConfig& configured, core::PriceBook& book) noexcept
      : store_{store}, configured_{configured}, book_{book} {}

  // Puts what is configured, and what the admin API has stored, into the book. At start, and after
  // every change of the latter.
  Result<void> refresh();

 private:
  core::Store& store_;
  const PricesConfig& configured_;
  core::PriceBook& book_;
  Guarded<int> refreshing_;  // So that an older reading never replaces a newer one.
};

}  // namespace relay::app
