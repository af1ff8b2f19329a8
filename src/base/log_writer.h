#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/guarded.h"
#include "base/log_line.h"
#include "base/log_output.h"
#include "base/secret_mask.h"

namespace relay {

enum class LogStream : std::uint8_t { application, access };

struct LogOutputs {
  std::shared_ptr<LogOutput> application;
  std::shared_ptr<LogOutput> access;  // The same one, where they are not kept apart.
};

// The line that says that so many lines were lost. Valid until the next line of this thread.
using LogReport = std::function<std::string_view(std::uint64_t lines)>;

// The thread that writes what others have appended. A queue that wakes its thread for every line
// costs its caller a system call per line; this one wakes it once per batch and writes the batch in
// one piece.
//
// Lines that found no room in the backlog, or that an output did not take, are counted. Once there
// is room again, `report` is written, past the backlog, at most once in
// limits::log_report_interval.
//
// Thread-safe. The destructor writes what is left, as far as limits::log_end_wait_max allows.
class LogWriter {
 public:
  LogWriter(LogOutputs outputs, LogReport report);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  ~LogWriter();

  // False when the backlog is full. An urgent line does not wait for its batch to fill.
  bool append(LogStream stream, const WrittenLine& line, bool is_urgent);

  // What was appended before goes to the old ones, if they take it as soon as flush() asks for.
  void replace_outputs(LogOutputs outputs);
  [[nodiscard]] LogOutputs outputs();

  void mask(const Secret& secret) { mask_.lock()->add(secret); }
  void apply_mask(std::string& text) { mask_.lock()->apply(text); }

  // Returns when all that was appended before has been written, or after limits::log_end_wait_max.
  void flush();

  [[nodiscard]] std::uint64_t lines_lost() const noexcept {
    return lines_lost_.load(std::memory_order_relaxed);
  }

 private:
  struct Batch {
    std::string application;
    std::string access;
    std::string texts;  // Of both.
  };

  void run();
  void wait_for_lines(std::unique_lock<std::mutex>& lock);
  void write(Batch& batch, bool is_last);
  void mask_all(Batch& batch);
  bool write(LogOutput& output, std::string_view lines);
  bool may_wait(std::chrono::nanoseconds blocked);
  void report_loss(LogOutput& output, bool is_last);

  const LogReport report_;
  Guarded<SecretMask> mask_;
  std::atomic<std::uint64_t> lines_lost_ = 0;

  std::uint64_t lines_reported_ = 0;  // The thread's own.
  std::chrono::steady_clock::time_point next_report_ = {};

  std::mutex mutex_;  // Of everything below.
  std::condition_variable wake_;
  std::condition_variable written_;
  LogOutputs outputs_;
  Batch pending_;
  std::uint64_t batch_ = 0;  // How many batches have been taken,
  std::uint64_t done_ = 0;   // and written.
  bool is_waiting_ = false;  // The thread has nothing to do until it is woken.
  bool is_urgent_ = false;
  bool is_stopping_ = false;
  std::chrono::steady_clock::time_point give_up_ = std::chrono::steady_clock::time_point::max();

  std::thread thread_;
};

}  // namespace relay
