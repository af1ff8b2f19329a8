#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "base/limits.h"
#include "base/log_writer.h"

namespace relay {
namespace {

std::atomic<Log*> the_process_log = nullptr;

// Standard error is never opened anew: it may be in the midst of a line.
Result<LogOutputs> open_outputs(const LogOptions& options, const LogOutputs& former) {
  const bool stays = options.file.empty() && former.application != nullptr;
  auto application = stays ? former.application : open_log_output(options.file);
  if (!application) return std::unexpected(application.error());
  if (options.access_file.empty()) return LogOutputs{*application, *application};
  auto access = open_log_output(options.access_file);
  if (!access) return std::unexpected(access.error());
  return LogOutputs{*application, *access};
}

LogFormat chosen(const LogOptions& options) {
  if (options.format != LogFormat::automatic) return options.format;
  const bool is_terminal = options.file.empty() && isatty(STDERR_FILENO) == 1;
  return is_terminal ? LogFormat::logfmt : LogFormat::json;
}

WrittenLine written(LogFormat format, const LogLine& line) {
  return format == LogFormat::json ? json_line(line) : logfmt_line(line);
}

LogReport report_of(LogFormat format, const Clock& clock) {
  return [format, &clock](std::uint64_t lines) {
    const LogField field{"lines", lines};
    const LogLine line{clock.wall(), LogLevel::warning, "log lines were dropped", {&field, 1}};
    return written(format, line).bytes;
  };
}

bool is_too_long(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value.kind());
  return text != nullptr && text->size() > limits::log_field_bytes_max;
}

void write(LogLevel level, std::string_view message, LogFieldList fields) {
  if (Log* log = process_log()) log->write(level, message, {fields.begin(), fields.size()});
}

}  // namespace

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options, const Clock& clock) {
  auto outputs = open_outputs(options, {});
  if (!outputs) return std::unexpected(outputs.error());
  LogOptions decided = options;
  decided.format = chosen(options);
  auto writer = std::make_unique<LogWriter>(*std::move(outputs), report_of(decided.format, clock));
  return std::unique_ptr<Log>{new Log{std::move(decided), clock, std::move(writer)}};
}

Log::Log(LogOptions options, const Clock& clock, std::unique_ptr<LogWriter> writer)
    : options_{std::move(options)},
      clock_{clock},
      level_{options_.level},
      writer_{std::move(writer)} {
}

Log::~Log() {
  Log* self = this;
  the_process_log.compare_exchange_strong(self, nullptr);
}

void Log::write(LogLevel level, std::string_view message, LogFields fields) {
  if (level < this->level()) return;
  append({clock_.wall(), level, message, fields});
}

void Log::write_access(LogFields fields) {
  append({clock_.wall(), LogLevel::info, "exchange", fields, true});
}

// A secret that is cut in half is no longer recognised, so what will be cut is masked before.
void Log::append(const LogLine& line) {
  const WrittenLine as_it_is = written(options_.format, line);
  if (as_it_is.is_cut) {
    append_masked(line);
  } else {
    append_written(line, as_it_is);
  }
}

void Log::append_masked(LogLine line) {
  std::vector<LogField> fields{line.fields.begin(), line.fields.end()};
  std::deque<std::string> texts;
  for (LogField& field : fields) {
    if (!is_too_long(field)) continue;
    const auto whole = std::get<std::string_view>(field.value.kind());
    std::string& text = texts.emplace_back(whole.substr(0, limits::log_masked_bytes_max));
    writer_->apply_mask(text);
    field.value = text;
  }
  line.fields = fields;
  append_written(line, written(options_.format, line));
}

void Log::append_written(const LogLine& line, const WrittenLine& written) {
  const LogStream stream = line.is_access ? LogStream::access : LogStream::application;
  writer_->append(stream, written, line.level >= LogLevel::warning);
}

void Log::mask(const Secret& secret) {
  writer_->mask(secret);
}

void Log::flush() {
  writer_->flush();
}

Result<void> Log::reopen() {
  auto outputs = open_outputs(options_, writer_->outputs());
  if (!outputs) return std::unexpected(outputs.error());
  writer_->replace_outputs(*std::move(outputs));
  return {};
}

std::uint64_t Log::lines_dropped() const noexcept {
  return writer_->lines_lost();
}

void set_process_log(Log* log) noexcept {
  the_process_log.store(log);
}

Log* process_log() noexcept {
  return the_process_log.load(std::memory_order_acquire);
}

void log_debug(std::string_view message, LogFieldList fields) {
  write(LogLevel::debug, message, fields);
}
void log_info(std::string_view message, LogFieldList fields) {
  write(LogLevel::info, message, fields);
}
void log_warning(std::string_view message, LogFieldList fields) {
  write(LogLevel::warning, message, fields);
}
void log_error(std::string_view message, LogFieldList fields) {
  write(LogLevel::error, message, fields);
}
void log_access(LogFieldList fields) {
  if (Log* log = process_log()) log->write_access({fields.begin(), fields.size()});
}

}  // namespace relay
