#include "store/ledger_writer.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <map>
#include <new>
#include <set>
#include <utility>

#include "base/log.h"

namespace relay::store {

using core::JournalPosition;
using core::LedgerEntry;
using std::chrono::milliseconds;

namespace {

// Whether there was memory for `work`. If not, it is for the threads of the writer to do it again,
// as nobody else can be told: the journals keep what they have.
bool found_memory(const auto& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

LedgerWriter::LedgerWriter(core::Store& store, const JournalDirectory& directory,
                           std::vector<Journal*> journals, const Clock& clock,
                           OnLateCharges on_late_charges, milliseconds sync_interval)
    : store_{store},
      directory_{directory},
      journals_{std::move(journals)},
      clock_{clock},
      on_late_charges_{std::move(on_late_charges)},
      sync_interval_{sync_interval} {
}

LedgerWriter::~LedgerWriter() {
  if (drain_thread_.joinable()) stop(clock_.now());
}

Result<void> LedgerWriter::recover() {
  const Result<RecoveryReport> report = store::recover(directory_, store_);
  if (!report) return std::unexpected(report.error());
  counters_.recovered_closed += report->closed;
  counters_.recovered_abandoned += report->abandoned;
  counters_.recovered_damaged += report->damaged;
  counters_.has_recovered = true;
  return {};
}

void LedgerWriter::start() {
  assert(!drain_thread_.joinable() && "started twice");
  drain_thread_ = std::jthread{std::bind_front(&LedgerWriter::drain, this)};
  keeper_thread_ = std::jthread{std::bind_front(&LedgerWriter::keep, this)};
}

bool LedgerWriter::stop(TimePoint deadline) {
  deadline_ = deadline;
  drain_thread_.request_stop();
  drain_thread_.join();
  keeper_thread_.request_stop();
  keeper_thread_.join();
  return remove_journals() && counters_.has_recovered;
}

void LedgerWriter::sync_soon(Journal& journal) noexcept {
  if (!journal.await_sync()) return;
  const std::lock_guard lock{resting_};
  is_requested_ = true;
  requested_.notify_one();
}

std::size_t LedgerWriter::backlog_entries() const noexcept {
  std::size_t sum = 0;
  for (const Journal* journal : journals_) sum += journal->entries_waiting();
  return sum;
}

void LedgerWriter::drain(const std::stop_token& stopping) {
  if (!counters_.has_recovered) insist(stopping, &LedgerWriter::recover_leftovers);
  while (!stopping.stop_requested()) {
    insist(stopping, &LedgerWriter::drain_all);
    pause(stopping, limits::ledger_flush_interval);
  }
  insist(stopping, &LedgerWriter::drain_all);
}

// As in the last turn of the thread.
void LedgerWriter::drain_once(TimePoint deadline) {
  deadline_ = deadline;
  std::stop_source stopping;
  stopping.request_stop();
  drain_all(stopping.get_token());
}

// Until there was memory for it, or we are stopped.
void LedgerWriter::insist(const std::stop_token& stopping, Work work) {
  while (!found_memory([&] { (this->*work)(stopping); })) {
    ++counters_.store_failures;
    if (must_give_up(stopping)) return;
    back_off(stopping, limits::store_retry_delay_first);
  }
}

void LedgerWriter::recover_leftovers(const std::stop_token& stopping) {
  milliseconds delay = limits::store_retry_delay_first;
  while (!must_give_up(stopping)) {
    const Result<void> recovered = recover();
    if (recovered) return;
    ++counters_.store_failures;
    log_warning("the journals of the last run wait for the store",
                {{"error", recovered.error().detail}});
    back_off(stopping, delay);
    delay = std::min<milliseconds>(2 * delay, limits::store_retry_delay_max);
  }
}

// All that had ended when this began, or until the store fails while we are stopping. What ends
// meanwhile waits for the next turn: to go on for a few entries would never end, a commit each.
void LedgerWriter::drain_all(const std::stop_token& stopping) {
  while (true) {
    const std::vector<std::size_t> counts = collect();
    if (batch_.empty()) return;
    std::vector<JournalPosition> positions;
    for (std::size_t i = 0; i < journals_.size(); ++i) {
      if (counts[i] != 0) positions.push_back(journals_[i]->position_after(counts[i]));
    }
    if (!store_batch(batch_, positions, stopping)) return;
    for (std::size_t i = 0; i < journals_.size(); ++i) journals_[i]->release(counts[i]);
    counters_.entries_written += batch_.size();
    ++counters_.batches_written;
    if (batch_.size() < limits::ledger_batch_entries_max) return;
  }
}

// How many of each journal. The one that is asked first changes, so that none has to wait for ever.
std::vector<std::size_t> LedgerWriter::collect() {
  std::vector<std::size_t> counts(journals_.size());
  batch_.clear();
  for (std::size_t i = 0; i < journals_.size(); ++i) {
    const std::size_t at = (first_journal_ + i) % journals_.size();
    counts[at] = journals_[at]->collect(batch_, limits::ledger_batch_entries_max - batch_.size());
  }
  ++first_journal_;
  return counts;
}

// False: stopped, and the outcome is unknown. Which charges are new is asked before, and not of
// the call that appends: where its outcome is lost, the next one finds them all there.
bool LedgerWriter::store_batch(const std::vector<LedgerEntry>& entries,
                               const std::vector<JournalPosition>& positions,
                               const std::stop_token& stopping) {
  std::vector<LedgerEntry> charges;
  const auto look = [&]() -> Result<void> {
    Result<std::vector<LedgerEntry>> found = late_charges(entries);
    if (!found) return std::unexpected(found.error());
    charges = *std::move(found);
    return {};
  };
  if (!retry(look, stopping)) return false;
  if (!retry([&] { return store_.append(entries, positions); }, stopping)) return false;
  if (!charges.empty()) on_late_charges_(charges);
  return true;
}

// What is charged when it is stored and that the store does not have, each once.
Result<std::vector<LedgerEntry>> LedgerWriter::late_charges(std::span<const LedgerEntry> entries) {
  std::map<core::AttemptId, const LedgerEntry*> charges;
  for (const LedgerEntry& entry : entries) {
    if (core::is_charged_when_stored(entry)) charges.emplace(entry.attempt, &entry);
  }
  std::vector<LedgerEntry> fresh;
  if (charges.empty()) return fresh;
  for (const auto& [attempt, entry] : charges) fresh.push_back(*entry);
  const Result<std::vector<core::AttemptId>> known = store_.find_attempts(fresh);
  if (!known) return std::unexpected(known.error());
  const std::set<core::AttemptId> old{known->begin(), known->end()};
  std::erase_if(fresh, [&old](const LedgerEntry& entry) { return old.contains(entry.attempt); });
  return fresh;
}

// Again and again, until the store has done it. False: stopped.
bool LedgerWriter::retry(const std::function<Result<void>()>& call,
                         const std::stop_token& stopping) {
  const TimePoint began = clock_.now();
  milliseconds delay = limits::store_retry_delay_first;
  while (true) {
    const Result<void> done = call();
    if (done) break;
    ++counters_.store_failures;
    counters_.batch_age_ms = std::chrono::floor<milliseconds>(clock_.now() - began).count();
    log_warning("the ledger waits for the store", {{"error", done.error().detail}});
    if (must_give_up(stopping)) return false;
    back_off(stopping, delay);
    delay = std::min<milliseconds>(2 * delay, limits::store_retry_delay_max);
  }
  counters_.batch_age_ms = 0;
  return true;
}

void LedgerWriter::keep(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    keep_if_there_is_memory(true);
    const TimePoint due = clock_.now() + sync_interval_;
    while (wait_for_request(stopping, due)) keep_if_there_is_memory(false);
  }
  keep_if_there_is_memory(true);
}

// False: the time has come, or we are stopped.
bool LedgerWriter::wait_for_request(const std::stop_token& stopping, TimePoint deadline) {
  const auto left = deadline - clock_.now();
  if (left <= TimePoint::duration{}) return false;
  std::unique_lock lock{resting_};
  requested_.wait_for(lock, stopping, left, [this] { return is_requested_; });
  return std::exchange(is_requested_, false) && !stopping.stop_requested();
}

// If not, who waits is told the next time.
void LedgerWriter::keep_if_there_is_memory(bool is_due) {
  if (found_memory([&] { keep_once(is_due); })) return;
  ++counters_.room_failures;
  for (Journal* journal : journals_) journal->await_due_sync();
}

void LedgerWriter::keep_once(bool is_due) {
  Result<void> synced;
  Result<void> kept;
  for (Journal* journal : journals_) {
    const bool is_awaited = journal->take_sync_awaited(is_due);
    if (!is_due && !is_awaited) continue;
    if (Result<void> done = journal->sync(); !done) synced = std::move(done);
    if (Result<void> done = journal->keep_room(); !done) kept = std::move(done);
    if (is_awaited) journal->tell_synced();
  }
  if (!synced) ++counters_.sync_failures;
  if (!synced && !cannot_sync_) {
    log_error("a journal cannot be synced: a new file takes its place",
              {{"error", synced.error().detail}});
  }
  if (!kept) ++counters_.room_failures;
  if (!kept && !cannot_grow_) {
    log_error("a journal cannot grow", {{"error", kept.error().detail}});
  }
  cannot_sync_ = !synced || (cannot_sync_ && !is_due);
  cannot_grow_ = !kept || (cannot_grow_ && !is_due);
}

bool LedgerWriter::remove_journals() {
  std::vector<std::uint64_t> gone;
  for (Journal* journal : journals_) {
    if (journal->remove_if_done()) gone.push_back(journal->id());
  }
  const Result<void> forgotten = store_.forget_journals(gone);
  if (!forgotten) log_warning("positions are left over", {{"error", forgotten.error().detail}});
  return gone.size() == journals_.size();
}

// Ends at once when we are stopped.
void LedgerWriter::pause(const std::stop_token& stopping, milliseconds time) {
  std::unique_lock lock{resting_};
  woken_.wait_for(lock, stopping, time, [] { return false; });
}

// Before the store is tried again. Lasts even while we are stopping, or it would be spun on.
void LedgerWriter::back_off(const std::stop_token& stopping, milliseconds delay) {
  pause(stopping, delay);
  if (!stopping.stop_requested()) return;
  const auto left = std::chrono::floor<milliseconds>(deadline_.load() - clock_.now());
  std::unique_lock lock{resting_};
  woken_.wait_for(lock, std::clamp(left, milliseconds{0}, delay), [] { return false; });
}

bool LedgerWriter::must_give_up(const std::stop_token& stopping) const noexcept {
  return stopping.stop_requested() && clock_.now() >= deadline_.load();
}

}  // namespace relay::store
