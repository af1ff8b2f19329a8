#pragma once

#include <fcntl.h>
#include <sys/mman.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"
#include "store/journal_slot.h"

namespace relay::store {

// The system calls by which a segment can fail, so that tests can make them.
struct JournalDisk {
  int (*allocate)(int file, off_t offset, off_t bytes) = ::posix_fallocate;
  int (*sync)(void* memory, std::size_t bytes, int flags) = ::msync;
};

// A file of slots, mapped into memory. Its room on the disk is taken when it is made, so writing to
// a slot is a store to memory: it cannot fail, and what is stored outlives the process at once and
// the machine from the next sync() on.
//
// The slots may be written by another thread than the one that calls sync().
class JournalSegment {
 public:
  // Makes a file that must not be there yet. overloaded: the disk is full. store_unavailable: any
  // other failure.
  static Result<std::unique_ptr<JournalSegment>> create(const std::filesystem::path& path,
                                                        std::size_t bytes, const JournalDisk& disk);
  JournalSegment(const JournalSegment&) = delete;
  JournalSegment& operator=(const JournalSegment&) = delete;
  ~JournalSegment();  // The file stays.

  [[nodiscard]] std::span<JournalSlot> slots() const noexcept { return slots_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  // After a failure nobody knows what is on the disk: later success says nothing (fsync-gate).
  Result<void> sync();

  void remove_file() noexcept;

 private:
  JournalSegment(std::filesystem::path path, std::span<JournalSlot> slots, const JournalDisk& disk)
      : path_{std::move(path)}, slots_{slots}, disk_{disk} {}

  std::filesystem::path path_;
  std::span<JournalSlot> slots_;
  JournalDisk disk_;
};

}  // namespace relay::store
