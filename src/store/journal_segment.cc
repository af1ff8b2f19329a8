#include "store/journal_segment.h"

#include <unistd.h>

#include "store/store_error.h"

namespace relay::store {
namespace {

std::unexpected<Error> cannot_make(const std::filesystem::path& path, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  errno = error;
  return system_failure(is_full ? ErrorCode::overloaded : ErrorCode::store_unavailable,
                        (is_full ? "the disk is full: make " : "make ") + path.string());
}

// A file that goes unless it is kept.
struct NewFile {
  explicit NewFile(const std::filesystem::path& at) noexcept : path{at} {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (!is_kept) ::unlink(path.c_str());
  }

  const std::filesystem::path& path;
  bool is_kept = false;
};

}  // namespace

Result<std::unique_ptr<JournalSegment>> JournalSegment::create(const std::filesystem::path& path,
                                                               std::size_t bytes,
                                                               const JournalDisk& disk) {
  File file{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (file.get() < 0) return cannot_make(path, errno);
  NewFile made{path};
  auto segment = fill(path, std::move(file), bytes, disk);
  made.is_kept = segment.has_value();
  return segment;
}

Result<std::unique_ptr<JournalSegment>> JournalSegment::fill(const std::filesystem::path& path,
                                                             File file, std::size_t bytes,
                                                             const JournalDisk& disk) {
  write_in_place(file);
  const int error = disk.allocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error != 0) return cannot_make(path, error);
  Result<MappedMemory> memory = MappedMemory::map(file, bytes);
  if (!memory) return std::unexpected(memory.error());
  // Where it can, the kernel finds pages and blocks now and not while an exchange waits. They are
  // the file's; this process has those that it has written to, which are few.
  (void)::madvise(memory->bytes().data(), bytes, MADV_POPULATE_WRITE);
  (void)::madvise(memory->bytes().data(), bytes, MADV_DONTNEED);
  Result<FaultWatch> watch = FaultWatch::begin(memory->bytes(), file.get());
  if (!watch) return std::unexpected(watch.error());
  const Result<void> synced = sync_directory(path.parent_path());
  if (!synced) return std::unexpected(synced.error());
  return std::unique_ptr<JournalSegment>{
      new JournalSegment{path, std::move(file), *std::move(memory), *std::move(watch), disk}};
}

JournalSegment::JournalSegment(std::filesystem::path path, File file, MappedMemory memory,
                               FaultWatch watch, const JournalDisk& disk)
    : path_{std::move(path)},
      file_{std::move(file)},
      memory_{std::move(memory)},
      slots_{reinterpret_cast<JournalSlot*>(memory_.bytes().data()),
             memory_.bytes().size() / sizeof(JournalSlot)},
      watch_{std::move(watch)},
      disk_{disk} {
}

Result<void> JournalSegment::sync() {
  if (has_lost_pages()) {
    return failure(ErrorCode::store_unavailable,
                   "write " + path_.string() + ": no room, or a failing disk");
  }
  if (disk_.sync(slots_.data(), slots_.size_bytes(), MS_SYNC) != 0) {
    return system_failure(ErrorCode::store_unavailable, "sync " + path_.string());
  }
  return {};
}

Result<void> JournalSegment::remove_file() {
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return {};
  return system_failure(ErrorCode::store_unavailable, "remove " + path_.string());
}

}  // namespace relay::store
