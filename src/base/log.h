#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/log_line.h"
#include "base/result.h"

namespace relay {

class LogWriter;

enum class LogFormat : std::uint8_t {
  automatic,
  json,
  logfmt
};  // Automatic: logfmt on a terminal.

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
  std::string file = {};         // Empty: standard error.
  std::string access_file = {};  // Empty: where the rest goes.
};

// Where the lines go: a bounded backlog that one thread writes out in batches.
//
// A caller formats its line and appends it under a lock that is held for a memcpy; it never waits
// for a disk or a terminal. When the backlog is full, or the disk, or a pipe that nobody reads,
// lines are dropped and counted, and the log says so once there is room. Credentials are masked
// when a batch is written, so a line cannot reach its file with one, whoever wrote it.
//
// Thread-safe. The destructor writes out what is left, and gives up after limits::log_end_wait_max.
class Log {
 public:
  // internal: a file cannot be opened. The clock must outlive the log.
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(const LogOptions& options,
                                                         const Clock& clock);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(LogLevel level, std::string_view message, LogFields fields);

  // One exchange: its line has level "access" and is written whatever the level is.
  void write_access(LogFields fields);

  void set_level(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
  [[nodiscard]] LogLevel level() const noexcept { return level_.load(std::memory_order_relaxed); }

  // From now on this text is masked. Not for the data path.
  void mask(const Secret& secret);

  // Opens the files anew, after they were moved away. The old ones stay in use if that fails. Waits
  // as flush() does.
  [[nodiscard]] Result<void> reopen();

  // Returns when everything that was written before is in the files, and after
  // limits::log_end_wait_max where that takes longer.
  void flush();

  [[nodiscard]] std::uint64_t lines_dropped() const noexcept;

 private:
  Log(LogOptions options, const Clock& clock, std::unique_ptr<LogWriter> writer);
  void append(const LogLine& line);
  void append_masked(LogLine line);
  void append_written(const LogLine& line, const WrittenLine& written);

  const LogOptions options_;
  const Clock& clock_;
  std::atomic<LogLevel> level_;
  std::unique_ptr<LogWriter> writer_;
};

// The log of this process, which log_info() and the others write to; null: they write nothing. Set
// by app/ at start; the log must outlive its use.
void set_process_log(Log* log) noexcept;
[[nodiscard]] Log* process_log() noexcept;

using LogFieldList = std::initializer_list<LogField>;

// log_info("key created", {{"key_id", id}, {"tier", tier}});
//
// The message is a literal of ours; what varies goes into fields.
void log_debug(std::string_view message, LogFieldList fields = {});
void log_info(std::string_view message, LogFieldList fields = {});
void log_warning(std::string_view message, LogFieldList fields = {});
void log_error(std::string_view message, LogFieldList fields = {});
void log_access(LogFieldList fields);

}  // namespace relay
