#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "core/store.h"
#include "store/journal.h"
#include "store/journal_recovery.h"

namespace relay::store {

// What the writer counts. Read by any thread at any time.
struct LedgerCounters {
  std::atomic<std::uint64_t> entries_written = 0;
  std::atomic<std::uint64_t> batches_written = 0;
  std::atomic<std::uint64_t> store_failures = 0;  // Each is tried again.
  std::atomic<std::uint64_t> sync_failures = 0;   // Of a journal: loss of power may lose entries.
  std::atomic<std::uint64_t> room_failures = 0;   // A journal could not grow.
  std::atomic<std::uint64_t> unsynced_ends = 0;   // Of answers that were to wait for the disk.
  std::atomic<std::uint64_t> recovered_closed = 0;
  std::atomic<std::uint64_t> recovered_abandoned = 0;
  std::atomic<std::uint64_t> recovered_damaged = 0;
  std::atomic<std::int64_t> batch_age_ms = 0;  // How long the present batch is being tried.
  std::atomic<bool> has_recovered = false;     // What a killed process left is in the store.
};

// Takes what the journals hold to the store, and the journals to the disk.
//
// Two threads. The drain first recovers what a killed process has left, then appends what was
// closed, in batches, at least every ledger_flush_interval; while the store fails it repeats the
// same batch, which does no harm. The keeper syncs the journals and makes room in them, whatever
// the store does; where somebody waits for that, at once, and then once for all who wait.
//
// An entry is in the store 100 ms after its close(), and one commit.
//
// Results of batches come as often as they are fetched. Only here it is known which of them are
// charged, so whoever counts along is told by `on_late_charges`, on the drain's thread, of those
// that the store has taken and had not before; as of all that core::is_charged_when_stored().
class LedgerWriter {
 public:
  using OnLateCharges = std::function<void(std::span<const core::LedgerEntry> charges)>;

  // All of them must outlive the writer. The journals are those of `directory`.
  LedgerWriter(
      core::Store& store, const JournalDirectory& directory, std::vector<Journal*> journals,
      const Clock& clock, OnLateCharges on_late_charges = [](auto) {},
      std::chrono::milliseconds sync_interval = limits::journal_sync_interval);
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;
  ~LedgerWriter();  // Leaves to the journals what is not yet in the store.

  // Takes what a killed process has left to the store, before start() and instead of it: once it
  // has returned, the ledger is complete. Blocks.
  Result<void> recover();

  // Once. Recovers first, and in time, if that was not done.
  void start();

  // Takes everything that was closed to the store, syncs what is left and ends both threads. At the
  // deadline it gives up on a store that fails: what it did not take is recovered by the next
  // process. The loops must have ended. True if nothing is left: then the journals' files are gone.
  bool stop(TimePoint deadline);

  // For who has no threads, and instead of start(): one turn of each of them.
  //
  // Takes everything that was closed to the store. At the deadline it gives up on one that fails:
  // what that did not take stays in the journals, for the next turn or the next process.
  void drain_once(TimePoint deadline);
  // Syncs the journals and makes room in them: all when it is due, else those for which somebody
  // waits.
  void keep_once(bool is_due);

  // Syncs `journal`, one of ours, soon and not in time: Journal::on_synced() tells when. Any
  // thread; does not wait.
  void sync_soon(Journal& journal) noexcept;

  // An answer has ended though its entry is not known to be on the disk.
  void note_unsynced_end() noexcept { ++counters_.unsynced_ends; }

  [[nodiscard]] const LedgerCounters& counters() const noexcept { return counters_; }

  // Closed, not in the store, over all journals.
  [[nodiscard]] std::size_t backlog_entries() const noexcept;

 private:
  void drain(const std::stop_token& stopping);
  void keep(const std::stop_token& stopping);

  using Work = void (LedgerWriter::*)(const std::stop_token& stopping);
  void insist(const std::stop_token& stopping, Work work);
  void recover_leftovers(const std::stop_token& stopping);
  void drain_all(const std::stop_token& stopping);
  std::vector<std::size_t> collect();
  bool store_batch(const std::vector<core::LedgerEntry>& entries,
                   const std::vector<core::JournalPosition>& positions,
                   const std::stop_token& stopping);
  bool retry(const std::function<Result<void>()>& call, const std::stop_token& stopping);
  Result<std::vector<core::LedgerEntry>> late_charges(std::span<const core::LedgerEntry> entries);
  void keep_if_there_is_memory(bool is_due);
  bool wait_for_request(const std::stop_token& stopping, TimePoint deadline);
  bool remove_journals();
  void pause(const std::stop_token& stopping, std::chrono::milliseconds time);
  void back_off(const std::stop_token& stopping, std::chrono::milliseconds delay);
  bool must_give_up(const std::stop_token& stopping) const noexcept;

  core::Store& store_;
  const JournalDirectory& directory_;
  const std::vector<Journal*> journals_;
  const Clock& clock_;
  const OnLateCharges on_late_charges_;
  const std::chrono::milliseconds sync_interval_;
  LedgerCounters counters_;
  std::vector<core::LedgerEntry> batch_;  // Of the drain, like the next. Its memory is kept.
  std::size_t first_journal_ = 0;         // Which one is asked first, in turn.
  bool cannot_sync_ = false;  // Of the keeper, like the next: so that it complains once.
  bool cannot_grow_ = false;
  std::atomic<TimePoint> deadline_ = TimePoint::min();  // Of stop().

  std::mutex resting_;
  std::condition_variable_any woken_;
  std::condition_variable_any requested_;  // To sync, like the next.
  bool is_requested_ = false;              // Under resting_.
  std::jthread drain_thread_;
  std::jthread keeper_thread_;
};

}  // namespace relay::store
