#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>

#include "base/result.h"

namespace relay::store {

// The owner of an open file.
class File {
 public:
  File() noexcept = default;
  explicit File(int descriptor) noexcept : descriptor_{descriptor} {}
  File(File&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File();

  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
};

// The owner of memory that stands for the beginning of a file.
class MappedMemory {
 public:
  // store_unavailable.
  static Result<MappedMemory> map(const File& file, std::size_t bytes);
  MappedMemory(MappedMemory&& other) noexcept : bytes_{std::exchange(other.bytes_, {})} {}
  MappedMemory& operator=(MappedMemory&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedMemory();

  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

 private:
  explicit MappedMemory(std::span<std::byte> bytes) noexcept : bytes_{bytes} {}

  std::span<std::byte> bytes_;
};

// Opens `path` for reading and writing, creating it for its owner alone. store_unavailable.
Result<File> open_private_file(const std::filesystem::path& path);

// Nothing lies at `path`. False where nobody lets us look, too: opening it says why.
[[nodiscard]] bool is_missing(const std::filesystem::path& path) noexcept;

// Keeps other processes from what `path` stands for, for as long as the file is open: a lock that
// goes with the process, however it dies. conflict: another process has it; `what` ("the database
// x.db") makes the message say so.
Result<File> lock_file(const std::filesystem::path& path, const std::string& what);

// Asks btrfs not to copy on write what is in `file`, which is empty yet and will be mapped: else a
// store to memory needs room on the disk, every time, and ends the process when there is none.
// Other file systems do without.
void write_in_place(const File& file) noexcept;

// Makes what was created in or removed from `directory` outlast a loss of power.
Result<void> sync_directory(const std::filesystem::path& directory);

}  // namespace relay::store
