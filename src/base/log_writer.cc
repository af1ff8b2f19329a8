#include "base/log_writer.h"

#include <signal.h>

#include "base/limits.h"

namespace relay {

using std::chrono::steady_clock;

namespace {

// This thread is there before anybody waits for them, and would die of them, and all with it.
void leave_signals_to_others() noexcept {
  sigset_t requests_to_stop;
  ::sigemptyset(&requests_to_stop);
  ::sigaddset(&requests_to_stop, SIGTERM);
  ::sigaddset(&requests_to_stop, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &requests_to_stop, nullptr);
}

}  // namespace

LogWriter::LogWriter(LogOutputs outputs, LogReport report)
    : report_{std::move(report)}, outputs_{std::move(outputs)}, thread_{[this] { run(); }} {
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock{mutex_};
    is_stopping_ = true;
    give_up_ = steady_clock::now() + limits::log_end_wait_max;
  }
  wake_.notify_one();
  thread_.join();
}

bool LogWriter::append(LogStream stream, const WrittenLine& line, bool is_urgent) {
  bool wakes = false;
  {
    const std::lock_guard lock{mutex_};
    std::string& bytes = stream == LogStream::access ? pending_.access : pending_.application;
    if (bytes.size() + line.bytes.size() > limits::log_backlog_bytes_max) {
      lines_lost_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    bytes += line.bytes;
    pending_.texts += line.texts;
    wakes = is_waiting_ || (is_urgent && !is_urgent_);
    is_waiting_ = false;
    is_urgent_ |= is_urgent;
  }
  if (wakes) wake_.notify_one();
  return true;
}

void LogWriter::replace_outputs(LogOutputs outputs) {
  flush();
  const std::lock_guard lock{mutex_};
  outputs_ = std::move(outputs);
}

LogOutputs LogWriter::outputs() {
  const std::lock_guard lock{mutex_};
  return outputs_;
}

void LogWriter::flush() {
  std::unique_lock lock{mutex_};
  const std::uint64_t due = batch_ + 1;
  is_waiting_ = false;
  is_urgent_ = true;
  wake_.notify_one();
  written_.wait_for(lock, limits::log_end_wait_max, [&] { return done_ >= due; });
}

void LogWriter::run() {
  leave_signals_to_others();
  Batch batch;  // Keeps its memory from one round to the next.
  std::unique_lock lock{mutex_};
  while (true) {
    wait_for_lines(lock);
    is_urgent_ = false;
    std::swap(batch, pending_);
    const bool is_last = is_stopping_;
    ++batch_;
    lock.unlock();
    write(batch, is_last);
    batch.application.clear();
    batch.access.clear();
    batch.texts.clear();
    lock.lock();
    done_ = batch_;
    written_.notify_all();
    if (is_last) return;
  }
}

// For a batch of them, or until it is time to say that some were lost.
void LogWriter::wait_for_lines(std::unique_lock<std::mutex>& lock) {
  is_waiting_ = pending_.application.empty() && pending_.access.empty() && !is_urgent_;
  const auto is_woken = [&] { return !is_waiting_ || is_stopping_; };
  if (lines_lost() == lines_reported_) {
    wake_.wait(lock, is_woken);
  } else {
    wake_.wait_for(lock, limits::log_report_interval, is_woken);
  }
  wake_.wait_for(lock, limits::log_flush_interval, [&] { return is_urgent_ || is_stopping_; });
}

void LogWriter::write(Batch& batch, bool is_last) {
  const LogOutputs outputs = this->outputs();
  mask_all(batch);
  const bool has_room = write(*outputs.application, batch.application);
  write(*outputs.access, batch.access);
  if (has_room) report_loss(*outputs.application, is_last);
}

// Texts are a quarter of what is written, and most batches hold no secret.
void LogWriter::mask_all(Batch& batch) {
  auto mask = mask_.lock();
  if (!mask->is_needed(batch.texts)) return;
  mask->apply(batch.application);
  mask->apply(batch.access);
}

bool LogWriter::write(LogOutput& output, std::string_view lines) {
  if (lines.empty()) return true;
  const std::uint64_t lost =
      output.write(lines, [this](auto blocked) { return may_wait(blocked); });
  lines_lost_.fetch_add(lost, std::memory_order_relaxed);
  return lost == 0;
}

bool LogWriter::may_wait(std::chrono::nanoseconds blocked) {
  const std::lock_guard lock{mutex_};
  return blocked < limits::log_room_wait_max && steady_clock::now() < give_up_;
}

// A report that is not taken is no lost line: what it says is said later.
void LogWriter::report_loss(LogOutput& output, bool is_last) {
  const std::uint64_t lost = lines_lost();
  const auto now = steady_clock::now();
  if (lost == lines_reported_ || (now < next_report_ && !is_last)) return;
  next_report_ = now + limits::log_report_interval;
  const bool is_taken = output.write(report_(lost - lines_reported_),
                                     [this](auto blocked) { return may_wait(blocked); }) == 0;
  if (is_taken) lines_reported_ = lost;
}

}  // namespace relay
