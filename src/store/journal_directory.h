#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "store/file.h"

namespace relay::store {

// Where the journals of this process lie, and those that a killed one has left behind. No other
// process may use it at the same time.
class JournalDirectory {
 public:
  // Makes the directory if there is none. conflict: another process uses it.
  static Result<JournalDirectory> open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  // The segments that were there when it was opened: nobody writes to them any more.
  [[nodiscard]] const std::vector<std::filesystem::path>& leftovers() const noexcept {
    return leftovers_;
  }

 private:
  JournalDirectory(std::filesystem::path path, File lock)
      : path_{std::move(path)}, lock_{std::move(lock)} {}

  std::filesystem::path path_;
  File lock_;
  std::vector<std::filesystem::path> leftovers_;
};

}  // namespace relay::store
