#include "app/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/fd.h"

namespace relay::app {
namespace {

namespace fs = std::filesystem;

std::unexpected<std::string> failure(std::string_view what, const fs::path& file) {
  return std::unexpected(
      fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(errno)));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(fd) == 0;
}

}  // namespace

std::expected<void, std::string> make_data_directory(const fs::path& folder) {
  std::error_code failed;
  if (fs::is_directory(folder, failed)) return {};
  fs::create_directories(folder, failed);
  if (!failed) fs::permissions(folder, fs::perms::owner_all, failed);
  if (failed) {
    return std::unexpected(fmt::format("cannot create {}: {}", folder.string(), failed.message()));
  }
  return {};
}

std::expected<void, std::string> write_new_secret_file(const fs::path& file,
                                                       std::string_view text) {
  const fs::path draft = fmt::format("{}.{}", file.string(), ::getpid());
  const net::Fd fd{::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (fd.get() < 0) return failure("create", draft);
  const bool is_placed = write_all(fd.get(), text) && ::link(draft.c_str(), file.c_str()) == 0;
  const int reason = errno;
  ::unlink(draft.c_str());
  errno = reason;
  if (!is_placed) return failure("write", file);

  const net::Fd folder{::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return failure("sync", file.parent_path());
  return {};
}

}  // namespace relay::app
