#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relay {

// Whether to go on with lines that are not all written, when nothing has been taken for so long.
using LogPatience = std::function<bool(std::chrono::nanoseconds blocked)>;

// Somewhere that lines are written to, one after the other and none in half: where an output has
// taken the beginning of a line, the rest of it is written before anything else.
class LogOutput {
 public:
  virtual ~LogOutput() = default;

  // Gives up when the output refuses, as a full disk does, or when `may_wait` says so. Returns how
  // many lines were lost.
  [[nodiscard]] std::uint64_t write(std::string_view lines, const LogPatience& may_wait);

 protected:
  // `rest`: of a line that is there without its end.
  explicit LogOutput(std::string rest = {}) : rest_{std::move(rest)} {}

 private:
  // Waits for room no longer than limits::log_room_poll. How much was taken, from nothing to all of
  // it; none: it is refused.
  [[nodiscard]] virtual std::optional<std::size_t> take(std::string_view bytes) noexcept = 0;

  // Returns what of it was not taken.
  [[nodiscard]] std::string_view write_bytes(std::string_view bytes, const LogPatience& may_wait);

  std::string rest_;  // Of the line that was begun last.
};

// internal: the file cannot be opened. An empty path is standard error.
[[nodiscard]] Result<std::shared_ptr<LogOutput>> open_log_output(const std::string& path);

}  // namespace relay
