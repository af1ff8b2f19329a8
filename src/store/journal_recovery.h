#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "core/store.h"
#include "store/journal_directory.h"

namespace relay::store {

// What a segment of a killed process holds.
struct RecoveredSegment {
  std::vector<core::LedgerEntry> closed;     // Beyond the store's position; in no order.
  std::vector<core::LedgerEntry> abandoned;  // Were open; charged as last marked, estimated.
  std::vector<std::uint64_t> journals;       // Whose slots these are: one, unless it is damaged.
  std::vector<std::byte> damaged;            // Slots that cannot be read, byte for byte.
  std::size_t of_another_version = 0;        // Of the damaged ones: these are only not ours.
};

// Reads a segment, whole, cut or damaged. Every slot stands for itself: one that cannot be read
// takes no other with it, and never becomes an entry that was not written.
RecoveredSegment recover_slots(std::span<const std::byte> segment,
                               std::span<const core::JournalPosition> positions);

struct RecoveryReport {
  std::size_t segments = 0;
  std::size_t closed = 0;
  std::size_t abandoned = 0;
  std::size_t damaged = 0;  // Slots. Kept aside in a file *.corrupt beside the journals.
  std::vector<std::uint64_t> journals;  // That are gone. The store forgets them last.
};

// Takes everything that a killed process has left in `directory` to the store and removes it. May
// be repeated after a failure, and after another crash: an attempt is charged once.
//
// store_unavailable: the store is, or a file cannot be read. What was reported so far is done.
Result<RecoveryReport> recover(const JournalDirectory& directory, core::Store& store);

}  // namespace relay::store
