#include "store/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "base/random.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

using core::LedgerEntry;
using core::LedgerSlot;

// Segments that failed to sync and still wait for their last exchange may exist beside the others.
constexpr std::size_t failed_segments_max = 2;
static_assert(limits::fault_watches_max >=
              limits::loops_max * (1 + failed_segments_max) +
                  limits::journal_backlog_bytes_max / limits::journal_segment_bytes);

std::uint64_t random_id() noexcept {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes;
  random_bytes(bytes);
  return std::bit_cast<std::uint64_t>(bytes) | 1;  // Never 0.
}

std::size_t segments_max(const JournalOptions& options) noexcept {
  return std::max<std::size_t>(1, options.backlog_bytes_max / options.segment_bytes);
}

}  // namespace

// A segment and what the loop knows of it.
struct Journal::Part {
  enum class State : std::uint8_t {
    absent,  // The keeper may make one.
    usable,
    failed,  // Not synced, or lost pages: no new exchanges.
    done,    // Failed, and the loop will not touch it again: the keeper may remove it.
  };
  std::atomic<State> state = State::absent;
  std::unique_ptr<JournalSegment> segment;  // Of the keeper while it is absent or done.
  std::vector<std::uint32_t> free;  // Of the loop otherwise. The last one freed is used first.
};

Journal::Journal(JournalOptions options)
    : options_{std::move(options)},
      id_{random_id()},
      segment_slots_{options_.segment_bytes / sizeof(JournalSlot)},
      parts_(segments_max(options_) + failed_segments_max),
      ring_mask_{std::bit_ceil(parts_.size() * segment_slots_) - 1},
      closed_places_{std::make_unique_for_overwrite<std::uint32_t[]>(ring_mask_ + 1)} {
}

Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::create(JournalOptions options) {
  options.segment_bytes = std::min(options.segment_bytes, options.backlog_bytes_max);
  std::unique_ptr<Journal> journal{new Journal{std::move(options)}};
  const Result<void> added = journal->add_segment();
  if (!added) return std::unexpected(added.error());
  return journal;
}

std::uint32_t& Journal::closed_place(std::uint64_t at) const noexcept {
  return closed_places_[at & ring_mask_];
}

// A place names a slot: part times slots of a segment, plus the slot in the segment.
JournalSlot& Journal::slot_at(std::uint32_t place) const noexcept {
  const Part& part = parts_[place / segment_slots_];
  return part.segment->slots()[place % segment_slots_];
}

Result<LedgerSlot> Journal::open(const LedgerEntry& begun) {
  if (is_stalled_) return std::unexpected(no_room());
  reclaim();
  for (Part* part = part_with_room(); part != nullptr; part = part_with_room()) {
    const std::uint32_t place = part->free.back();
    const std::uint64_t opened = opened_.load(std::memory_order_relaxed) + 1;
    write_begin(slot_at(place), id_, opened, begun);
    if (part->segment->has_lost_pages()) continue;  // It would not outlive us.
    part->free.pop_back();
    opened_.store(opened, std::memory_order_relaxed);
    return LedgerSlot{place};
  }
  return std::unexpected(no_room());
}

// While the store keeps up there is room for every exchange that may run. So where most slots wait
// for it, or there is no file to write to, to ask for less would not help.
Error Journal::no_room() const {
  const std::size_t open = entries_open();
  const std::size_t waiting = entries_waiting();
  const bool has_file = std::ranges::any_of(parts_, [&](const Part& at) { return is_usable(at); });
  const bool is_storage = is_stalled_ || waiting > open || !has_file || cannot_grow_;
  return {.code = ErrorCode::overloaded,
          .origin = Origin::store,
          .message = is_storage
                         ? "The relay cannot record usage at the moment, so it begins nothing: its "
                           "disk is full or failing, or its database takes no entries. Try again "
                           "in a few minutes; if it stays like this, tell whoever runs the relay."
                         : "Too many requests are running at once. Try again in a moment.",
          .detail = fmt::format("the journal has no free slot: {} open, {} wait for the store",
                                open, waiting),
          .retry_after = limits::retry_after_least};
}

void Journal::mark(LedgerSlot slot, const LedgerEntry& so_far) noexcept {
  write_mark(slot_at(static_cast<std::uint32_t>(slot)), so_far);
}

void Journal::close(LedgerSlot slot, const LedgerEntry& ended) noexcept {
  const auto place = static_cast<std::uint32_t>(slot);
  const std::uint64_t before = closed_.load(std::memory_order_relaxed);
  write_end(slot_at(place), before + 1, ended);
  closed_place(before) = place;
  closed_.store(before + 1, std::memory_order_release);
}

void Journal::reclaim() noexcept {
  const std::uint64_t stored = stored_.load(std::memory_order_acquire);
  for (; reclaimed_ != stored; ++reclaimed_) {
    const std::uint32_t place = closed_place(reclaimed_);
    parts_[place / segment_slots_].free.push_back(place);
  }
}

// The first that has room, so that few pages are in use while there is little to do.
Journal::Part* Journal::part_with_room() noexcept {
  Part* found = nullptr;
  for (Part& part : parts_) {
    const Part::State state = part.state.load(std::memory_order_acquire);
    if (state == Part::State::failed && part.free.size() == segment_slots_) {
      part.state.store(Part::State::done, std::memory_order_release);
    }
    if (found == nullptr && is_usable(part) && !part.free.empty()) found = &part;
  }
  return found;
}

// One that has lost pages will be found by sync() to have failed.
bool Journal::is_usable(const Part& part) const noexcept {
  return part.state.load(std::memory_order_acquire) == Part::State::usable &&
         !part.segment->has_lost_pages();
}

std::size_t Journal::collect(std::vector<LedgerEntry>& entries, std::size_t entries_max) const {
  const std::uint64_t stored = stored_.load(std::memory_order_relaxed);
  const std::uint64_t closed = closed_.load(std::memory_order_acquire);
  const std::uint64_t count = std::min<std::uint64_t>(entries_max, closed - stored);
  for (std::uint64_t at = stored; at != stored + count; ++at) {
    entries.push_back(ended_entry(slot_at(closed_place(at))));
  }
  return count;
}

core::JournalPosition Journal::position_after(std::size_t count) const noexcept {
  return {.journal = id_, .sequence = stored_.load(std::memory_order_relaxed) + count};
}

void Journal::release(std::size_t count) noexcept {
  stored_.store(stored_.load(std::memory_order_relaxed) + count, std::memory_order_release);
}

// What ended in a segment that has failed may never be on the disk, so while there is one it is the
// store that makes durable what ended here or after.
Result<void> Journal::sync() {
  const std::uint64_t closed = closed_.load(std::memory_order_acquire);
  Result<void> result;
  bool has_failed = false;
  for (Part& part : parts_) {
    const Part::State state = part.state.load(std::memory_order_acquire);
    has_failed = has_failed || state == Part::State::failed;
    if (state != Part::State::usable) continue;
    const Result<void> synced = part.segment->sync();
    if (synced) continue;
    result = synced;
    part.state = Part::State::failed;
    has_failed = true;
  }
  if (!has_failed) synced_.store(closed, std::memory_order_release);
  return result;
}

void Journal::tell_synced() {
  auto told = told_.lock();
  if (*told) (*told)();
}

Result<void> Journal::keep_room() {
  Result<void> result;
  std::size_t usable = 0;
  for (Part& part : parts_) {
    const Part::State state = part.state.load(std::memory_order_acquire);
    usable += state == Part::State::usable ? 1 : 0;
    if (state != Part::State::done) continue;
    if (const Result<void> removed = part.segment->remove_file(); !removed) {
      result = removed;
      continue;
    }
    part.segment.reset();
    part.state = Part::State::absent;
  }
  const std::uint64_t stored = stored_.load(std::memory_order_acquire);
  const std::uint64_t in_use = opened_.load(std::memory_order_relaxed) - stored;
  const bool is_short = in_use + segment_slots_ / 2 > usable * segment_slots_;
  const bool must_grow = is_short && usable < segments_max(options_);
  const Result<void> grown = must_grow ? add_segment() : Result<void>{};
  cannot_grow_ = !grown;
  return grown ? result : grown;
}

Result<void> Journal::add_segment() {
  const auto part =
      std::ranges::find_if(parts_, [](const Part& at) { return at.state == Part::State::absent; });
  if (part == parts_.end()) {
    return failure(ErrorCode::overloaded, "too many journal segments failed to sync");
  }
  part->free.clear();
  part->free.reserve(segment_slots_);
  const auto name = fmt::format("{:016x}-{}.journal", id_, ++segments_made_);
  auto segment =
      JournalSegment::create(options_.directory / name, options_.segment_bytes, options_.disk);
  if (!segment) return std::unexpected(segment.error());
  part->segment = *std::move(segment);
  const auto first = static_cast<std::uint32_t>(&*part - parts_.data()) *
                     static_cast<std::uint32_t>(segment_slots_);
  for (std::size_t i = segment_slots_; i-- > 0;) {
    part->free.push_back(first + static_cast<std::uint32_t>(i));
  }
  part->state.store(Part::State::usable, std::memory_order_release);
  return {};
}

bool Journal::remove_if_done() {
  if (entries_open() != 0 || entries_waiting() != 0) return false;
  bool are_gone = true;
  for (const Part& part : parts_) {
    if (part.segment != nullptr && !part.segment->remove_file()) are_gone = false;
  }
  return are_gone;
}

std::size_t Journal::entries_open() const noexcept {
  const std::uint64_t closed = closed_.load(std::memory_order_acquire);
  return opened_.load(std::memory_order_relaxed) - closed;
}

std::size_t Journal::entries_waiting() const noexcept {
  const std::uint64_t stored = stored_.load(std::memory_order_acquire);
  return closed_.load(std::memory_order_acquire) - stored;
}

}  // namespace relay::store
