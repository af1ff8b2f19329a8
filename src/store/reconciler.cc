#include "store/reconciler.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "base/log.h"

namespace relay::store {
namespace {

using core::Difference;
using core::JournalPosition;

// The ledger writer goes on meanwhile: what the store has lies between what was known to be there
// before it was asked, and what has ended since.
Result<void> compare_journals(core::Store& store, std::span<const Journal* const> journals,
                              std::vector<Difference>& differences) {
  std::map<std::uint64_t, std::uint64_t> stored;
  for (const Journal* journal : journals) stored[journal->id()] = journal->entries_stored();
  const Result<std::vector<JournalPosition>> positions = store.journal_positions();
  if (!positions) return std::unexpected(positions.error());
  for (const Journal* journal : journals) {
    const auto found = std::ranges::find(*positions, journal->id(), &JournalPosition::journal);
    const std::uint64_t taken = found == positions->end() ? 0 : found->sequence;
    const std::uint64_t agreed = std::clamp(taken, stored[journal->id()], journal->entries_ended());
    if (taken == agreed) continue;
    differences.push_back({.where = fmt::format("what was taken of journal {:016x}", journal->id()),
                           .count = "entries",
                           .excess = static_cast<std::int64_t>(taken - agreed)});
  }
  return {};
}

}  // namespace

Result<std::vector<Difference>> reconcile(core::Store& store,
                                          std::span<const Journal* const> journals) {
  Result<std::vector<Difference>> differences = store.check_sums();
  if (!differences) return differences;
  const Result<void> compared = compare_journals(store, journals, *differences);
  if (!compared) return std::unexpected(compared.error());
  return differences;
}

Reconciler::Reconciler(core::Store& store, std::vector<const Journal*> journals, const Clock& clock)
    : store_{store}, journals_{std::move(journals)}, clock_{clock} {
}

void Reconciler::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void Reconciler::run(const std::stop_token& stopping) {
  std::chrono::milliseconds wait = limits::reconcile_delay_first;
  while (true) {
    std::unique_lock lock{resting_};
    woken_.wait_for(lock, stopping, wait, [&] { return stopping.stop_requested(); });
    lock.unlock();
    if (stopping.stop_requested()) return;
    reconcile_once();
    wait = limits::reconcile_interval;
  }
}

void Reconciler::reconcile_once() {
  const Result<std::vector<Difference>> found = reconcile(store_, journals_);
  if (!found) {
    log_warning("the sums of the ledger could not be compared", {{"detail", found.error().detail}});
    return;
  }
  *last_.lock() = Finding{.at = clock_.wall(), .differences = found->size()};
  if (found->empty()) return;
  const Difference& first = found->front();
  log_error(
      "the sums of the ledger do not agree: keep a copy by relay-station backup, then see "
      "what relay-station fsck says",
      {{"differences", found->size()},
       {"first", fmt::format("{}: {} is off by {}", first.where, first.count, first.excess)}});
}

}  // namespace relay::store
