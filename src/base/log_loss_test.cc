// What becomes of lines that their output does not take.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/log.h"
#include "base/log_output.h"

namespace relay {
namespace {

using namespace std::chrono_literals;

struct Ends {
  int reader = -1;
  int writer = -1;
};

Ends pipe_ends() {
  int ends[2] = {};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  return {ends[0], ends[1]};
}

Ends terminal_ends() {
  const int reader = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  EXPECT_EQ(::unlockpt(reader), 0);
  char name[64] = {};
  EXPECT_EQ(::ptsname_r(reader, static_cast<char*>(name), sizeof name), 0);
  return {reader, ::open(static_cast<char*>(name), O_WRONLY | O_NOCTTY | O_CLOEXEC)};
}

// What standard error is now: full after 64 KiB at most.
class Pipe {
 public:
  explicit Pipe(Ends ends = pipe_ends()) : reader_{ends.reader} {
    EXPECT_EQ(::dup2(ends.writer, STDERR_FILENO), STDERR_FILENO);
    ::close(ends.writer);
  }
  ~Pipe() {
    ::dup2(standard_error_, STDERR_FILENO);
    ::close(standard_error_);
    ::close(reader_);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  static void do_not_block() { ::fcntl(STDERR_FILENO, F_SETFL, O_WRONLY | O_NONBLOCK); }

  std::string read_lines(std::uint64_t count) {
    std::string text;
    pollfd readable{.fd = reader_, .events = POLLIN, .revents = 0};
    while (count > 0 && ::poll(&readable, 1, 10'000) == 1) {
      char byte[65'536];
      const ssize_t bytes = ::read(reader_, static_cast<void*>(byte), sizeof byte);
      if (bytes <= 0) break;
      const std::string_view piece{static_cast<char*>(byte), static_cast<std::size_t>(bytes)};
      count -= std::min(count, static_cast<std::uint64_t>(std::ranges::count(piece, '\n')));
      text += piece;
    }
    return text;
  }

 private:
  const int standard_error_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  const int reader_;
};

// No file grows beyond it: the write that would is cut there, and the next one fails.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_ = {};
  const sighandler_t handler_ = ::signal(SIGXFSZ, SIG_IGN);
};

struct Seen {
  std::uint64_t lines = 0;
  std::uint64_t reports = 0;
  std::uint64_t lines_reported = 0;
};

// Every line is whole.
Seen seen_in(const std::string& text) {
  EXPECT_TRUE(text.ends_with('\n'));
  Seen seen;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << line;
    if (!parsed.is_object()) continue;
    const bool is_report = parsed["msg"] == "log lines were dropped";
    seen.lines += is_report ? 0 : 1;
    seen.reports += is_report ? 1 : 0;
    seen.lines_reported += is_report ? parsed["lines"].get<std::uint64_t>() : 0;
  }
  return seen;
}

class LogLoss : public testing::Test {
 protected:
  ~LogLoss() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Log> open(const std::string& file) {
    return Log::open({.format = LogFormat::json, .file = file}, clock_).value();
  }
  void write_lines(Log& log, int count) const {
    for (int i = 0; i < count; ++i) log.write(LogLevel::info, "line", {&field_, 1});
  }
  [[nodiscard]] std::string file() const { return folder_ / "app.log"; }
  [[nodiscard]] std::string written() const {
    std::ifstream stream{file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  static std::string make_folder() {
    std::string path = testing::TempDir() + "relay_log_XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    return path;
  }

  const std::filesystem::path folder_ = make_folder();
  const std::string text_ = std::string(200, '.');
  const LogField field_{"text", text_};
  SystemClock clock_;
};

TEST_F(LogLoss, WaitsForRoomInAPipeThatDoesNotBlock) {
  Pipe pipe;
  Pipe::do_not_block();
  const auto log = open("");
  write_lines(*log, 1'000);
  EXPECT_EQ(seen_in(pipe.read_lines(1'000)).lines, 1'000U);
  EXPECT_EQ(log->lines_dropped(), 0U);
}

TEST_F(LogLoss, SaysOnceHowManyLinesTheBacklogHadNoRoomFor) {
  Pipe pipe;
  const auto log = open("");
  constexpr std::uint64_t all = 60'000;
  write_lines(*log, all);
  ASSERT_GT(log->lines_dropped(), 10'000U);
  const Seen seen = seen_in(pipe.read_lines(all - log->lines_dropped() + 1));
  EXPECT_EQ(seen.reports, 1U);
  EXPECT_EQ(seen.lines_reported, log->lines_dropped());
  EXPECT_EQ(seen.lines + seen.lines_reported, all);
}

TEST_F(LogLoss, LeavesNoHalfLineWhereTheDiskWasFull) {
  const auto log = open(file());
  {
    const FullDisk disk{10'000};
    for (int i = 0; i < 5; ++i) {
      write_lines(*log, 20);
      log->flush();
    }
    EXPECT_EQ(std::filesystem::file_size(file()), 10'000U);
  }
  EXPECT_GT(log->lines_dropped(), 50U);
  log->write(LogLevel::info, "room", {});
  log->flush();
  const Seen seen = seen_in(written());
  EXPECT_EQ(seen.reports, 1U);
  EXPECT_EQ(seen.lines_reported, log->lines_dropped());
  EXPECT_EQ(seen.lines + seen.lines_reported, 101U);
}

TEST_F(LogLoss, EndsALineThatWasLeftInTheFile) {
  std::ofstream{file()} << R"({"half":)";
  const auto log = open(file());
  log->write(LogLevel::info, "whole", {});
  log->flush();
  EXPECT_THAT(written(), testing::StartsWith("{\"half\":\n{\"ts\":"));
}

// A pipe of 64 KiB has room for five of these and a piece.
TEST_F(LogLoss, GoesOnWithinTheLineWhereItGaveUp) {
  Pipe pipe;
  const auto output = open_log_output("").value();
  const auto give_up = [](auto blocked) { return blocked < limits::log_room_poll; };
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += '"' + std::string(9'000, '.') + "\"\n";
  const std::uint64_t taken = 100 - output->write(lines, give_up);
  EXPECT_EQ(taken, 6U);
  EXPECT_EQ(output->write("\"\"\n", give_up), 1U);
  const std::string begun = pipe.read_lines(taken - 1);
  EXPECT_FALSE(begun.ends_with('\n'));
  EXPECT_EQ(output->write("\"end\"\n", give_up), 0U);
  const std::string all = begun + pipe.read_lines(2);
  EXPECT_TRUE(all == lines.substr(0, taken * 9'003) + "\"end\"\n");
}

TEST_F(LogLoss, WaitsNoLongerThanItMustForATerminalThatHangs) {
  const Pipe terminal{terminal_ends()};
  auto log = open("");
  write_lines(*log, 1'000);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(log->reopen());
  log.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

}  // namespace
}  // namespace relay
