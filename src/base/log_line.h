#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/secret.h"

namespace relay {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;

// What a field of a log line holds. A view: it lives as long as the call that it is an argument of.
class LogValue {
 public:
  using Kinds = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogValue(std::string_view text) noexcept : kind_{text} {}  // NOLINT: a value is what it holds.
  LogValue(const char* text) noexcept : kind_{std::string_view{text}} {}                 // NOLINT
  LogValue(const std::string& text) noexcept : kind_{std::string_view{text}} {}          // NOLINT
  LogValue(const Secret&) noexcept : kind_{std::string_view{"[secret]"}} {}              // NOLINT
  LogValue(bool value) noexcept : kind_{value} {}                                        // NOLINT
  LogValue(double value) noexcept : kind_{value} {}                                      // NOLINT
  LogValue(std::signed_integral auto value) noexcept : kind_{std::int64_t{value}} {}     // NOLINT
  LogValue(std::unsigned_integral auto value) noexcept : kind_{std::uint64_t{value}} {}  // NOLINT

  [[nodiscard]] const Kinds& kind() const noexcept { return kind_; }

 private:
  Kinds kind_;
};

struct LogField {
  std::string_view key;  // A word of ours: [a-z0-9_], not ts, level, msg. Written as it is.
  LogValue value;
};
using LogFields = std::span<const LogField>;

struct LogLine {
  WallTime time;
  LogLevel level;
  std::string_view message;
  LogFields fields;
  bool is_access = false;  // Of one exchange. Says so where others say their level.
};

// Append one line, with its end. Text of more than limits::log_field_bytes_max is cut. Whatever the
// line holds, it is one line of valid JSON, or of logfmt.
void append_json_line(std::string& out, const LogLine& line);
void append_logfmt_line(std::string& out, const LogLine& line);

}  // namespace relay
