#include "store/journal_segment.h"

#include <unistd.h>

#include "store/file.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

std::unexpected<Error> cannot_make(const std::filesystem::path& path, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  errno = error;
  return system_failure(is_full ? ErrorCode::overloaded : ErrorCode::store_unavailable,
                        (is_full ? "the disk is full: make " : "make ") + path.string());
}

}  // namespace

Result<std::unique_ptr<JournalSegment>> JournalSegment::create(const std::filesystem::path& path,
                                                               std::size_t bytes,
                                                               const JournalDisk& disk) {
  const File file{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (file.get() < 0) return cannot_make(path, errno);
  write_in_place(file);
  void* memory = MAP_FAILED;
  int error = disk.allocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error == 0) {
    memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) error = errno;
  }
  if (error != 0) {
    ::unlink(path.c_str());
    return cannot_make(path, error);
  }
  // Where it can, the kernel finds pages and blocks now and not while an exchange waits.
  (void)::madvise(memory, bytes, MADV_POPULATE_WRITE);
  std::unique_ptr<JournalSegment> segment{new JournalSegment{
      path, {static_cast<JournalSlot*>(memory), bytes / sizeof(JournalSlot)}, disk}};
  const Result<void> synced = sync_directory(path.parent_path());
  if (!synced) {
    segment->remove_file();
    return std::unexpected(synced.error());
  }
  return segment;
}

JournalSegment::~JournalSegment() {
  ::munmap(slots_.data(), slots_.size_bytes());
}

Result<void> JournalSegment::sync() {
  if (disk_.sync(slots_.data(), slots_.size_bytes(), MS_SYNC) != 0) {
    return system_failure(ErrorCode::store_unavailable, "sync " + path_.string());
  }
  return {};
}

void JournalSegment::remove_file() noexcept {
  ::unlink(path_.c_str());
}

}  // namespace relay::store
