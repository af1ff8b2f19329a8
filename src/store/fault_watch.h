#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/result.h"

namespace relay::store {

struct WatchedMemory;

// Keeps the process alive when memory that is mapped from a file can no longer be written.
//
// A store to memory cannot report a failure. Where the file system needs room for it that is not
// there, or the disk breaks, the kernel sends SIGBUS, which ends the process. To preallocate the
// file rules that out where blocks are written in place (ext4, XFS, tmpfs), but not on btrfs: it
// copies on write, and protects a page against writing again whenever it was synced.
//
// A page of watched memory that cannot be written is replaced, in the signal handler, by memory of
// this process with the same contents, and the store is done again, there. So all that was stored
// is still there to be read, but what is stored from now on is lost with the process.
//
// SIGBUS elsewhere, and for a page that the file cannot give back, does what it did before: going
// on would be to invent what was in it.
class FaultWatch {
 public:
  // Watches `memory`, which is whole pages and maps `file` from its beginning. The owner keeps both
  // for longer than the watch. A page has one writer; its readers are not disturbed.
  //
  // store_unavailable: too much is being watched, or SIGBUS cannot be handled.
  static Result<FaultWatch> begin(std::span<std::byte> memory, int file);

  // Thread-safe. Who has written to a page knows at once whether it was replaced.
  [[nodiscard]] bool has_lost_pages() const noexcept;

 private:
  struct End {
    void operator()(WatchedMemory* watched) const noexcept;
  };

  explicit FaultWatch(WatchedMemory* watched) noexcept : watched_{watched} {}

  std::unique_ptr<WatchedMemory, End> watched_;
};

}  // namespace relay::store
