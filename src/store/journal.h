#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/guarded.h"
#include "base/limits.h"
#include "core/ledger.h"
#include "core/store.h"
#include "store/journal_segment.h"

namespace relay::store {

struct JournalOptions {
  std::filesystem::path directory;  // Of JournalDirectory.
  std::size_t segment_bytes = limits::journal_segment_bytes;
  // This journal's share of what may wait for the store, at least one segment.
  std::size_t backlog_bytes_max = limits::journal_backlog_bytes_max;
  JournalDisk disk = {};
};

// While the store keeps up, the first segment is enough for a full house and what it has just
// ended.
static_assert(limits::journal_segment_bytes / sizeof(JournalSlot) >=
              2 * limits::exchanges_in_flight_max);

// The ledger of one event loop: a table of slots in mapped files, one slot for each exchange that
// is open or on its way to the store. Recording is a copy into memory, without a system call, a
// lock or an allocation; it survives kill -9 from the next instruction on, and a loss of power from
// the next sync() on.
//
// A slot is used again when its entry is in the store, so a journal does not grow with time and a
// long stream holds up nothing. The first segment is there from the start: while the store keeps
// up, a disk that fills up later stops no exchange.
//
// Three threads, each with its own part of the interface:
//   the loop     open(), mark(), close(), and what waits for the disk
//   the drain    collect(), release(): takes what was closed to the store, in the order of closing
//   the keeper   sync(), keep_room(): what may block on the disk
class Journal final : public core::Ledger {
 public:
  // overloaded: the disk is full. store_unavailable: it fails.
  static Result<std::unique_ptr<Journal>> create(JournalOptions options);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal() override;  // The files stay, unless remove_if_done() was called.

  // Unique for ever.
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

  // For the loop. Busy: much of the room that is there for sure is taken by what waits.
  [[nodiscard]] bool is_busy() const noexcept override {
    return entries_waiting() > segment_slots_ / 4;
  }
  [[nodiscard]] Result<core::LedgerSlot> open(const core::LedgerEntry& begun) override;
  void mark(core::LedgerSlot slot, const core::LedgerEntry& so_far) noexcept override;
  void close(core::LedgerSlot slot, const core::LedgerEntry& ended) noexcept override;

  // For the loop, where exchanges wait until what they have ended is out of reach of a loss of
  // power: synced here, or in the store.
  // Whether that is so of the first `count` that ended.
  [[nodiscard]] bool is_durable(std::uint64_t count) const noexcept {
    return synced_.load(std::memory_order_acquire) >= count ||
           stored_.load(std::memory_order_acquire) >= count;
  }
  // While the disk does not answer, nothing is begun that would have to wait for it.
  void set_stalled(bool is_stalled) noexcept { is_stalled_ = is_stalled; }

  // For the drain. Appends at most `entries_max` of the closed entries that are not yet released,
  // the oldest first, and returns how many. Until they are released they are collected again.
  std::size_t collect(std::vector<core::LedgerEntry>& entries, std::size_t entries_max) const;
  // Where the store stands when it has the next `count` entries.
  [[nodiscard]] core::JournalPosition position_after(std::size_t count) const noexcept;
  // The next `count` entries are in the store: their slots may be used again.
  void release(std::size_t count) noexcept;

  // For the keeper. A segment that could not be synced, or written, gets no new exchanges and goes
  // when its last one is in the store.
  Result<void> sync();
  // Makes another segment before the last slot is taken, and removes those that are done with.
  Result<void> keep_room();

  // Thread-safe. Somebody waits for a sync(): true if that is news, and the keeper is to be told.
  bool await_sync() noexcept { return !is_sync_awaited_.exchange(true); }
  // Somebody has waited for one in vain, and goes on until the next that is due anyway.
  void await_due_sync() noexcept { is_due_sync_awaited_ = true; }
  // The keeper takes this back before a sync(), and after it says that there was one, by what was
  // last given to on_synced().
  bool take_sync_awaited(bool is_due) noexcept {
    const bool is_awaited = is_sync_awaited_.exchange(false);
    return (is_due && is_due_sync_awaited_.exchange(false)) || is_awaited;
  }
  void on_synced(std::function<void()> told) { *told_.lock() = std::move(told); }
  void tell_synced();

  // When all threads are done with it: removes the files if nothing in them is still needed. True
  // if none is left.
  bool remove_if_done();

  // Thread-safe.
  [[nodiscard]] std::size_t entries_open() const noexcept;     // Begun, not ended.
  [[nodiscard]] std::size_t entries_waiting() const noexcept;  // Ended, not in the store.
  // Since it was made.
  [[nodiscard]] std::uint64_t entries_stored() const noexcept {
    return stored_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t entries_ended() const noexcept {
    return closed_.load(std::memory_order_acquire);
  }

 private:
  struct Part;

  explicit Journal(JournalOptions options);

  [[nodiscard]] std::uint32_t& closed_place(std::uint64_t at) const noexcept;
  void reclaim() noexcept;
  [[nodiscard]] Part* part_with_room() noexcept;
  [[nodiscard]] bool is_usable(const Part& part) const noexcept;
  [[nodiscard]] Error no_room() const;
  [[nodiscard]] JournalSlot& slot_at(std::uint32_t place) const noexcept;
  Result<void> add_segment();

  const JournalOptions options_;
  const std::uint64_t id_;
  const std::size_t segment_slots_;
  std::vector<Part> parts_;                // One for each segment there may be.
  std::uint64_t segments_made_ = 0;        // Of the keeper.
  std::atomic<bool> cannot_grow_ = false;  // As the keeper last found.
  bool is_stalled_ = false;                // Of the loop.
  std::atomic<bool> is_sync_awaited_ = false;
  std::atomic<bool> is_due_sync_awaited_ = false;
  Guarded<std::function<void()>> told_;

  // Places of slots, in the order in which they were closed: a ring that is written by the loop at
  // closed_, read by the drain from stored_ on, and read again by the loop at reclaimed_. It has a
  // place for every slot, so it cannot overflow.
  const std::size_t ring_mask_;
  std::unique_ptr<std::uint32_t[]> closed_places_;
  std::uint64_t reclaimed_ = 0;  // Of the loop.
  alignas(64) std::atomic<std::uint64_t> opened_ = 0;
  std::atomic<std::uint64_t> closed_ = 0;
  alignas(64) std::atomic<std::uint64_t> stored_ = 0;
  std::atomic<std::uint64_t> synced_ = 0;  // So many that were closed are on the disk.
};

}  // namespace relay::store
