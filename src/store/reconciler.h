#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "core/store.h"
#include "store/journal.h"

namespace relay::store {

// What disagrees: sums in the store with each other, and what the store has taken of each journal
// with what that journal has given. The journals may be in use. Blocks.
Result<std::vector<core::Difference>> reconcile(core::Store& store,
                                                std::span<const Journal* const> journals);

// Does that soon after the start and then now and then, on a thread of its own, and says so where
// something disagrees. A store that fails is asked again the next time.
class Reconciler {
 public:
  struct Finding {
    WallTime at;
    std::size_t differences = 0;
  };

  // All of them must outlive the object.
  Reconciler(core::Store& store, std::vector<const Journal*> journals, const Clock& clock);
  Reconciler(const Reconciler&) = delete;
  Reconciler& operator=(const Reconciler&) = delete;

  void start();  // Once.

  // Of the last time that it could be found out. Any thread.
  [[nodiscard]] std::optional<Finding> last() { return *last_.lock(); }

  // What it does each time. Blocks.
  void reconcile_once();

 private:
  void run(const std::stop_token& stopping);

  core::Store& store_;
  const std::vector<const Journal*> journals_;
  const Clock& clock_;
  Guarded<std::optional<Finding>> last_;
  std::mutex resting_;
  std::condition_variable_any woken_;
  std::jthread thread_;  // Ends before what it uses.
};

}  // namespace relay::store
