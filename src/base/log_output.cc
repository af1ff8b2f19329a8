#include "base/log_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/limits.h"

namespace relay {
namespace {

bool is_regular(int fd) noexcept {
  struct stat status = {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

// Standard error is shared with others, who may want it to block. What can be opened once more is
// ours then, and does not; a regular file would be written from its beginning.
int standard_error() noexcept {
  if (is_regular(STDERR_FILENO)) return STDERR_FILENO;
  const int own = ::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return own >= 0 ? own : STDERR_FILENO;
}

// A write() that blocks may do so for ever, and nothing ends it. So a pipe, which may have been
// opened so, gets what it has room for when poll() says so, and whole lines where it can.
class Output final : public LogOutput {
 public:
  Output(int fd, std::string rest)
      : LogOutput{std::move(rest)}, fd_{fd}, is_regular_{is_regular(fd)} {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() override {
    if (fd_ != STDERR_FILENO) ::close(fd_);
  }

 private:
  std::optional<std::size_t> take(std::string_view bytes) noexcept override {
    if (!is_regular_) {
      if (!has_room()) return 0;
      bytes = bytes.substr(0, PIPE_BUF);
      const std::size_t last_end = bytes.rfind('\n');
      if (last_end != std::string_view::npos) bytes = bytes.substr(0, last_end + 1);
    }
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR || errno == EAGAIN) return 0;
    return std::nullopt;
  }

  [[nodiscard]] bool has_room() const noexcept {
    pollfd writable{.fd = fd_, .events = POLLOUT, .revents = 0};
    constexpr std::chrono::milliseconds patience = limits::log_room_poll;
    return ::poll(&writable, 1, static_cast<int>(patience.count())) > 0;
  }

  const int fd_;
  const bool is_regular_;
};

// What a line lacks that was left in the file, by a process that ended while the disk was full.
std::string missing_end(int fd, const std::string& path) {
  if (!is_regular(fd)) return {};
  std::ifstream file{path, std::ios::binary};
  file.seekg(-1, std::ios::end);
  const int last = file.get();
  return last == std::ifstream::traits_type::eof() || last == '\n' ? "" : "\n";
}

}  // namespace

std::uint64_t LogOutput::write(std::string_view lines, const LogPatience& may_wait) {
  rest_ = write_bytes(rest_, may_wait);
  const std::string_view left = rest_.empty() ? write_bytes(lines, may_wait) : lines;
  const std::string_view taken = lines.substr(0, lines.size() - left.size());
  const bool is_within_line = !taken.empty() && taken.back() != '\n';
  const std::size_t line_end = is_within_line ? left.find('\n') + 1 : 0;
  if (is_within_line) rest_ = left.substr(0, line_end);
  return static_cast<std::uint64_t>(std::ranges::count(left.substr(line_end), '\n'));
}

std::string_view LogOutput::write_bytes(std::string_view bytes, const LogPatience& may_wait) {
  using std::chrono::steady_clock;
  steady_clock::time_point moved = steady_clock::now();
  while (!bytes.empty()) {
    const std::optional<std::size_t> count = take(bytes);
    if (!count) break;
    bytes.remove_prefix(*count);
    if (*count > 0) moved = steady_clock::now();
    if (!bytes.empty() && !may_wait(steady_clock::now() - moved)) break;
  }
  return bytes;
}

Result<std::shared_ptr<LogOutput>> open_log_output(const std::string& path) {
  if (path.empty()) return std::make_shared<Output>(standard_error(), std::string{});
  std::error_code ignored;  // open() says what is wrong.
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  const int fd = ::open(path.c_str(), flags, 0666);
  if (fd >= 0) return std::make_shared<Output>(fd, missing_end(fd, path));
  return std::unexpected(Error{.code = ErrorCode::internal,
                               .origin = Origin::relay,
                               .message = "the log cannot be opened",
                               .detail = path + ": " + std::strerror(errno)});
}

}  // namespace relay
