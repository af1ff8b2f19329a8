#include "store/retention.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "core/periods.h"

namespace relay::store {
namespace {

// What began before it goes. None: nothing does.
Result<std::optional<WallTime>> horizon(core::Store& store, const RetentionTerms& terms,
                                        WallTime now) {
  std::optional<WallTime> before;
  if (terms.age.count() > 0) before = now - terms.age;
  if (terms.rows == 0) return before;
  const Result<std::optional<WallTime>> beyond = store.start_beyond(terms.rows);
  if (!beyond) return beyond;
  if (*beyond) before = std::max(before.value_or(WallTime::min()), **beyond);
  return before;
}

// Since when entries are what a limit is loaded from: sums by hour say nothing of quarters, nor of
// a window that does not begin with an hour.
WallTime needed_by_limits(const TimeZone& zone, WallTime now) {
  WallTime since = core::start_of_quarter(core::quarter_of(now) - core::quarters_before);
  for (const core::Window window : {core::Window::day, core::Window::week, core::Window::month}) {
    const WallTime start = core::window_start(zone, window, now).value();
    const bool is_whole = start == std::chrono::floor<std::chrono::hours>(start);
    if (!is_whole) since = std::min(since, start);
  }
  return since;
}

}  // namespace

Result<std::int64_t> forget_old_entries(core::Store& store, const RetentionTerms& terms,
                                        WallTime now) {
  const Result<std::optional<WallTime>> oldest_batch =
      store.forget_batches(now - limits::batch_results_kept);
  if (!oldest_batch) return std::unexpected(oldest_batch.error());
  const Result<std::optional<WallTime>> before = horizon(store, terms, now);
  if (!before) return std::unexpected(before.error());
  if (!*before) return 0;
  const WallTime end = std::min(
      {**before, oldest_batch->value_or(WallTime::max()), needed_by_limits(terms.zone, now)});
  std::int64_t all = 0;
  for (;;) {
    const Result<std::int64_t> step = store.forget_entries(end, limits::retention_step_rows);
    if (!step) return step;
    all += *step;
    if (*step == 0) return all;
  }
}

Retention::Retention(core::Store& store, RetentionTerms terms, const Clock& clock)
    : store_{store}, terms_{terms}, clock_{clock} {
}

void Retention::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void Retention::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    const Result<std::int64_t> forgotten = forget_old_entries(store_, terms_, clock_.wall());
    if (!forgotten) {
      log_warning("what is too old could not be removed from the store",
                  {{"detail", forgotten.error().detail}});
    } else if (*forgotten > 0) {
      log_info("old ledger entries were removed; their sums stay", {{"entries", *forgotten}});
    }
    std::unique_lock lock{resting_};
    woken_.wait_for(lock, stopping, limits::retention_interval,
                    [&] { return stopping.stop_requested(); });
  }
}

}  // namespace relay::store
