#include "store/file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <system_error>

#include "store/store_error.h"

namespace relay::store {
namespace {

std::string holder_of(int descriptor) {
  std::array<char, 16> text;
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  if (size <= 0) return "another process";
  return "process " + std::string{text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<MappedMemory> MappedMemory::map(const File& file, std::size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return system_failure(ErrorCode::store_unavailable, "map a file");
  return MappedMemory{{static_cast<std::byte*>(memory), bytes}};
}

MappedMemory::~MappedMemory() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

Result<File> open_private_file(const std::filesystem::path& path) {
  File file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (file.get() < 0) return system_failure(ErrorCode::store_unavailable, "open " + path.string());
  return file;
}

bool is_missing(const std::filesystem::path& path) noexcept {
  std::error_code failed;
  return std::filesystem::status(path, failed).type() == std::filesystem::file_type::not_found;
}

Result<File> lock_file(const std::filesystem::path& path, const std::string& what) {
  Result<File> file = open_private_file(path);
  if (!file) return file;
  if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return system_failure(ErrorCode::store_unavailable, "lock " + path.string());
    }
    return failure(ErrorCode::conflict, what + " is in use by " + holder_of(file->get()) +
                                            ": stop it, or give this one a place of its own");
  }
  // Only tells people who holds the lock.
  const std::string holder = std::to_string(::getpid());
  if (::ftruncate(file->get(), 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(file->get(), holder.data(), holder.size(), 0);
  }
  return file;
}

void write_in_place(const File& file) noexcept {
  int flags = 0;
  if (::ioctl(file.get(), FS_IOC_GETFLAGS, &flags) != 0) return;
  flags |= FS_NOCOW_FL;
  (void)::ioctl(file.get(), FS_IOC_SETFLAGS, &flags);
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const File opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) {
    return system_failure(ErrorCode::store_unavailable, "sync " + directory.string());
  }
  return {};
}

}  // namespace relay::store
