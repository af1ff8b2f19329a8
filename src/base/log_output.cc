#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/log_writer.h"

namespace relay {
namespace {

// spdlog knows the outputs; the lines come to it complete.
class SpdlogOutput final : public LogOutput {
 public:
  explicit SpdlogOutput(spdlog::sink_ptr sink) : sink_{std::move(sink)} {
    sink_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%v", spdlog::pattern_time_type::utc, std::string{}));
  }

  void write(std::string_view bytes) override {
    sink_->log(spdlog::details::log_msg{{}, spdlog::level::info, {bytes.data(), bytes.size()}});
    sink_->flush();
  }

 private:
  spdlog::sink_ptr sink_;
};

}  // namespace

Result<std::shared_ptr<LogOutput>> open_log_output(const std::string& path) {
  try {
    spdlog::sink_ptr sink;
    if (path.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    }
    return std::make_shared<SpdlogOutput>(std::move(sink));
  } catch (const spdlog::spdlog_ex& error) {
    return std::unexpected(Error{.code = ErrorCode::internal,
                                 .origin = Origin::relay,
                                 .message = "the log cannot be opened",
                                 .detail = error.what()});
  }
}

}  // namespace relay
