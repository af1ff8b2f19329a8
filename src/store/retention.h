#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/time_zone.h"
#include "core/store.h"

namespace relay::store {

// How long ledger entries are kept. Their sums are kept for ever. Nothing goes that began with or
// after a batch whose results can still be fetched, and so be charged: it is by its entries that
// they are charged once. Nor does what a relay that starts needs to know how its limits stand: the
// last five hours and, where the day, week or month of `zone` did not begin with an hour of UTC,
// all since then.
struct RetentionTerms {
  std::chrono::days age{0};  // 0: any.
  std::size_t rows = 0;      // 0: any number. Newest ones stay.
  TimeZone zone;             // By whose calendar limits count.
};

// Removes entries that are too old, or too many, step by step, and says how many. Whatever the
// terms, also forgets whose those batches were whose results cannot be fetched any more. Blocks.
Result<std::int64_t> forget_old_entries(core::Store& store, const RetentionTerms& terms,
                                        WallTime now);

// Does that now and then, on a thread of its own. A store that fails is asked again the next time.
class Retention {
 public:
  // All of them must outlive the object.
  Retention(core::Store& store, RetentionTerms terms, const Clock& clock);
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  void start();  // Once.

 private:
  void run(const std::stop_token& stopping);

  core::Store& store_;
  const RetentionTerms terms_;
  const Clock& clock_;
  std::mutex resting_;
  std::condition_variable_any woken_;
  std::jthread thread_;  // Ends before what it uses.
};

}  // namespace relay::store
