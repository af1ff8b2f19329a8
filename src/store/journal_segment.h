#pragma once

#include <fcntl.h>
#include <sys/mman.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"
#include "store/fault_watch.h"
#include "store/file.h"
#include "store/journal_slot.h"

namespace relay::store {

// The system calls by which a segment can fail, so that tests can make them.
struct JournalDisk {
  int (*allocate)(int file, off_t offset, off_t bytes) = ::posix_fallocate;
  int (*sync)(void* memory, std::size_t bytes, int flags) = ::msync;
};

// A file of slots, mapped into memory. Its room on the disk is taken when it is made, so writing to
// a slot is a store to memory: it cannot fail, and what is stored outlives the process at once and
// the machine from the next sync() on. The exception is a file system that needs room again for
// what it has already, see FaultWatch: then the slot is written, but not the file.
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
  ~JournalSegment() = default;  // The file stays.

  [[nodiscard]] std::span<JournalSlot> slots() const noexcept { return slots_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  // Whether what is being written to some slot is lost with the process.
  [[nodiscard]] bool has_lost_pages() const noexcept { return watch_.has_lost_pages(); }

  // Fails if there are lost pages. After a failure nobody knows what is on the disk: later success
  // says nothing (fsync-gate).
  Result<void> sync();

  // No error if it is gone already. store_unavailable.
  Result<void> remove_file();

 private:
  static Result<std::unique_ptr<JournalSegment>> fill(const std::filesystem::path& path, File file,
                                                      std::size_t bytes, const JournalDisk& disk);
  JournalSegment(std::filesystem::path path, File file, MappedMemory memory, FaultWatch watch,
                 const JournalDisk& disk);

  std::filesystem::path path_;
  File file_;
  MappedMemory memory_;
  std::span<JournalSlot> slots_;  // In the memory.
  FaultWatch watch_;
  JournalDisk disk_;
};

}  // namespace relay::store
