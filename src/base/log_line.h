#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
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

// The name of a field: a literal of ours, [a-z0-9_], not ts, level, msg. Made by the compiler in
// the form in which most lines have it, so that it is copied without a look at it.
class LogKey {
 public:
  static constexpr std::size_t bytes_max = 31;

  template <std::size_t size>
  consteval LogKey(const char (&literal)[size]) {  // NOLINT: a key is what it is called.
    add(",\"");
    for (const char letter : std::string_view{literal}) {
      const bool is_word = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
      if (!is_word && letter != '_') throw "a key is [a-z0-9_]";
      add({&letter, 1});
    }
    add("\":");
  }

  [[nodiscard]] std::string_view word() const noexcept { return {json_.data() + 2, size_ - 4U}; }

  // `,"key":`, into memory that has room for bytes_max and one more. Returns where it ends.
  char* put_json(char* to) const noexcept {
    std::memcpy(to, this, sizeof *this);
    return to + size_;
  }

 private:
  consteval void add(std::string_view text) {
    for (const char letter : text) json_.at(size_++) = letter;
  }

  std::array<char, bytes_max> json_ = {};
  std::uint8_t size_ = 0;
};

struct LogField {
  LogKey key;
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

// A line as it is written. Views of memory that this thread's next line is written into.
struct WrittenLine {
  std::string_view bytes;  // With its end.
  std::string_view texts;  // Once more what in it is text: if these hold no secret, it has none.
  bool is_cut = false;     // A text was too long.
};

// Text of more than limits::log_field_bytes_max is cut. Whatever the line holds, it is one line of
// valid JSON, or of logfmt.
[[nodiscard]] WrittenLine json_line(const LogLine& line);
[[nodiscard]] WrittenLine logfmt_line(const LogLine& line);

}  // namespace relay
