#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log_writer.h"

namespace relay {
namespace {

class Output final : public LogOutput {
 public:
  explicit Output(int fd) noexcept : fd_{fd} {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() override {
    if (fd_ != STDERR_FILENO) ::close(fd_);
  }

  bool write(std::string_view bytes) noexcept override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

 private:
  const int fd_;
};

}  // namespace

Result<std::shared_ptr<LogOutput>> open_log_output(const std::string& path) {
  if (path.empty()) return std::make_shared<Output>(STDERR_FILENO);
  std::error_code ignored;  // open() says what is wrong.
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd >= 0) return std::make_shared<Output>(fd);
  return std::unexpected(Error{.code = ErrorCode::internal,
                               .origin = Origin::relay,
                               .message = "the log cannot be opened",
                               .detail = path + ": " + std::strerror(errno)});
}

}  // namespace relay
