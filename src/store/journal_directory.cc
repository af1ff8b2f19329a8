#include "store/journal_directory.h"

#include <algorithm>

#include "store/store_error.h"

namespace relay::store {

namespace fs = std::filesystem;

Result<JournalDirectory> JournalDirectory::open(const fs::path& path) {
  std::error_code error;
  if (fs::create_directories(path, error)) {
    fs::permissions(path, fs::perms::owner_all, error);  // It says who asked for what, and when.
  }
  Result<File> lock = lock_file(path / "lock", "the journal directory " + path.string());
  if (!lock) return std::unexpected(lock.error());
  JournalDirectory directory{path, *std::move(lock)};
  for (fs::directory_iterator at{path, error}; !error && at != end(at); at.increment(error)) {
    if (at->path().extension() == ".journal") directory.leftovers_.push_back(at->path());
  }
  if (error) {
    return failure(ErrorCode::store_unavailable, "read " + path.string() + ": " + error.message());
  }
  std::ranges::sort(directory.leftovers_);
  return directory;
}

}  // namespace relay::store
