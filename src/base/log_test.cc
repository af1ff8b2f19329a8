#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/limits.h"
#include "base/log_writer.h"

namespace relay {
namespace {

using testing::HasSubstr;
using testing::Not;

class LogTest : public testing::Test {
 protected:
  LogTest() { open(LogLevel::info); }
  ~LogTest() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  void open(LogLevel level) {
    log_ = Log::open({.level = level,
                      .format = LogFormat::json,
                      .file = folder_ / "app.log",
                      .access_file = folder_ / "access.log"},
                     clock_)
               .value();
    set_process_log(log_.get());
  }

  static std::string make_folder() {
    std::string path = testing::TempDir() + "relay_log_XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    return path;
  }

  std::string written(const char* name) {
    log_->flush();
    std::ifstream file{folder_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  const std::filesystem::path folder_ = make_folder();
  SystemClock clock_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogTest, WritesLinesInOrder) {
  log_info("first", {{"n", 1}});
  log_error("second");
  const std::string text = written("app.log");
  EXPECT_LT(text.find("first"), text.find("second"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  log_debug("unseen");
  log_->set_level(LogLevel::debug);
  log_debug("seen");
  EXPECT_THAT(written("app.log"), HasSubstr("\"seen\""));
  EXPECT_THAT(written("app.log"), Not(HasSubstr("unseen")));
}

TEST_F(LogTest, KeepsTheAccessLogApart) {
  log_info("started");
  log_access({{"status", 200}});
  EXPECT_THAT(written("access.log"), HasSubstr("\"status\":200"));
  EXPECT_THAT(written("app.log"), Not(HasSubstr("\"status\":200")));
}

TEST_F(LogTest, MasksSecretsAtTheSink) {
  log_->mask(Secret{"hunter2hunter2"});
  log_info("hunter2hunter2", {{"f", "a sk-ant-api03-abcdefgh"}, {"g", "xhunter2hunter2x"}});
  const std::string text = written("app.log");
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, Not(HasSubstr("abcdefgh")));
}

TEST_F(LogTest, LeavesNoHalfSecretWhereAFieldIsCut) {
  log_->mask(Secret{"hunter2hunter2"});
  const std::string text = std::string(limits::log_field_bytes_max - 7, '.') + "hunter2hunter2";
  log_info("cut", {{"f", text}});
  EXPECT_THAT(written("app.log"), Not(HasSubstr("hunter")));
}

TEST_F(LogTest, WritesWhatIsLeftWhenItEnds) {
  log_info("last words");
  log_.reset();
  log_info("nobody listens");
  std::ifstream file{folder_ / "app.log"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_THAT(text, HasSubstr("last words"));
  open(LogLevel::info);
}

TEST_F(LogTest, ReopensAFileThatWasMovedAway) {
  log_info("old");
  log_->flush();
  std::filesystem::rename(folder_ / "app.log", folder_ / "app.log.1");
  ASSERT_TRUE(log_->reopen());
  log_info("new");
  EXPECT_THAT(written("app.log"), HasSubstr("new"));
  EXPECT_THAT(written("app.log"), Not(HasSubstr("old")));
}

TEST_F(LogTest, MakesTheFolderOfItsFile) {
  const auto log = Log::open({.file = folder_ / "a" / "b" / "app.log"}, clock_);
  ASSERT_TRUE(log);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a" / "b" / "app.log"));
}

TEST_F(LogTest, SaysWhenAFileCannotBeOpened) {
  const auto log = Log::open({.file = folder_ / "app.log" / "x" / "y"}, clock_);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().detail, HasSubstr("app.log"));
}

TEST_F(LogTest, HasEveryLineOfEveryThreadWhole) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) log_info("line", {{"thread", t}, {"i", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::istringstream text{written("app.log")};
  std::vector<int> next(4);
  for (std::string line; std::getline(text, line);) {
    const auto parsed = nlohmann::json::parse(line);
    const int thread = parsed["thread"];
    EXPECT_EQ(parsed["i"], next[static_cast<std::size_t>(thread)]++);
  }
  EXPECT_EQ(next, std::vector<int>(4, 500));
}

// Holds every write until it is let go.
class StuckOutput final : public LogOutput {
 public:
  std::optional<std::size_t> take(std::string_view bytes) noexcept override {
    go.wait(false);
    bytes_written += bytes.size();
    return bytes.size();
  }
  std::atomic<bool> go = false;
  std::atomic<std::size_t> bytes_written = 0;
};

const LogReport no_report = [](std::uint64_t) { return std::string_view{}; };

TEST(LogWriter, DropsLinesRatherThanWaitForAnOutput) {
  auto output = std::make_shared<StuckOutput>();
  const std::string line(1'000, 'x');
  std::size_t accepted = 0;
  {
    LogWriter writer{{output, output}, no_report};
    while (writer.append(LogStream::application, {line, line}, false)) ++accepted;
    EXPECT_GE(accepted * line.size(), limits::log_backlog_bytes_max - line.size());
    EXPECT_LE(accepted * line.size(), 2 * limits::log_backlog_bytes_max);
    output->go = true;
    output->go.notify_all();
  }
  EXPECT_EQ(output->bytes_written, accepted * line.size());
}

class FullOutput final : public LogOutput {
 public:
  std::optional<std::size_t> take(std::string_view) noexcept override { return std::nullopt; }
};

TEST(LogWriter, GoesOnWhenAnOutputFails) {
  LogWriter writer{{std::make_shared<FullOutput>(), std::make_shared<FullOutput>()}, no_report};
  ASSERT_TRUE(writer.append(LogStream::application, {"x\n", "x"}, false));
  writer.flush();
  ASSERT_TRUE(writer.append(LogStream::application, {"x\n", "x"}, false));
  writer.flush();
  EXPECT_EQ(writer.lines_lost(), 2U);
}

}  // namespace
}  // namespace relay
