#include "base/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/json_text.h"
#include "base/limits.h"
#include "base/put.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

namespace relay {
namespace {

constexpr std::size_t quoted_bytes_max(std::size_t bytes_max) {
  return json_escaped_bytes_per_byte * bytes_max + 2;
}
constexpr std::size_t number_bytes_max = 32;  // Of a double, which is longer than an integer.
static_assert(number_bytes_max < quoted_bytes_max(limits::log_field_bytes_max));
constexpr std::size_t block_bytes = 32;  // Copied at once, behind the end of a text too.

// Room for a line of so many fields, whatever is in them.
constexpr std::size_t line_bytes_max(std::size_t fields) {
  constexpr std::size_t fixed = 64 + block_bytes;
  return fixed + quoted_bytes_max(limits::log_message_bytes_max) +
         fields * (LogKey::bytes_max + quoted_bytes_max(limits::log_field_bytes_max));
}

// A busy second has thousands of lines, which differ in their milliseconds alone.
char* put_time(char* to, WallTime time) noexcept {
  using namespace std::chrono;
  thread_local sys_seconds last_second = sys_seconds::min();
  thread_local std::array<char, rfc3339_chars> text;
  const auto second = floor<seconds>(time);
  if (second != last_second) put_rfc3339(text.data(), time);
  last_second = second;
  std::memcpy(to, text.data(), text.size());
  put_digits(to + text.size() - 4, static_cast<unsigned>((time - second).count()), 3);
  return to + text.size();
}

std::string_view level_of(const LogLine& line) noexcept {
  return line.is_access ? "access" : to_string(line.level);
}

bool is_bare_word(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char byte) {
    return byte > ' ' && byte < 0x7f && byte != '"' && byte != '=' && byte != '\\';
  });
}

[[gnu::noinline]] char* put_real(char* to, double value) {
  if (!std::isfinite(value)) return put(to, "null");
  return fmt::format_to_n(to, number_bytes_max, "{}", value).out;
}

enum class Quotes : std::uint8_t { always, where_needed };

// Writes one line, and its texts once more, into memory that has room for them.
class Pen {
 public:
  Pen(char* line, char* texts) noexcept : line_{line}, texts_{texts} {}

  void json(const LogLine& line) {
    to_ = put_time(put(to_, R"({"ts":")"), line.time);
    to_ = put(put(to_, R"(","level":")"), level_of(line));
    to_ = put(to_, R"(","msg":)");
    text(line.message, limits::log_message_bytes_max, Quotes::always);
    for (const LogField& field : line.fields) {
      to_ = field.key.put_json(to_);
      value(field.value, Quotes::always);
    }
    to_ = put(to_, "}\n");
  }

  void logfmt(const LogLine& line) {
    to_ = put_time(put(to_, "ts="), line.time);
    to_ = put(put(to_, " level="), level_of(line));
    to_ = put(to_, " msg=");
    text(line.message, limits::log_message_bytes_max, Quotes::always);
    for (const LogField& field : line.fields) {
      to_ = put(put(put(to_, " "), field.key.word()), "=");
      value(field.value, Quotes::where_needed);
    }
    to_ = put(to_, "\n");
  }

  [[nodiscard]] WrittenLine written() const noexcept {
    return {{line_, to_}, {texts_, texts_end_}, is_cut_};
  }

 private:
  void value(const LogValue& value, Quotes quotes) {
    std::visit([&](auto held) { put_value(held, quotes); }, value.kind());
  }
  void put_value(std::string_view value, Quotes quotes) {
    text(value, limits::log_field_bytes_max, quotes);
  }
  void put_value(bool value, Quotes) { to_ = put(to_, value ? "true" : "false"); }
  void put_value(std::integral auto value, Quotes) { to_ = put_number(to_, value); }
  void put_value(double value, Quotes) { to_ = put_real(to_, value); }

  void text(std::string_view text, std::size_t bytes_max, Quotes quotes) noexcept {
    if (text.size() > bytes_max) {
      text = cut_utf8(text, bytes_max);
      is_cut_ = true;
    }
    const char* const begin = to_;
    if (quotes == Quotes::where_needed && is_bare_word(text)) {
      to_ = put(to_, text);
    } else {
      *to_++ = '"';
      to_ = put_json_escaped(to_, text);
      *to_++ = '"';
    }
    add_to_texts(begin);
  }

  // Most are short: no call, and no look at how long it is.
  void add_to_texts(const char* from) noexcept {
    const auto size = to_ - from;
    for (std::ptrdiff_t at = 0; at < size; at += block_bytes)
      std::memcpy(texts_end_ + at, from + at, block_bytes);
    texts_end_ += size;
  }

  char* const line_;
  char* const texts_;
  char* to_ = line_;
  char* texts_end_ = texts_;
  bool is_cut_ = false;
};

// There is a line for every exchange: room is made once for all of it, and all of it is one
// function, so that the pen is in registers.
template <void (Pen::*write)(const LogLine&)>
[[gnu::flatten]] WrittenLine written(const LogLine& line) {
  thread_local std::vector<char> memory;
  const std::size_t room = line_bytes_max(line.fields.size());
  if (memory.size() < 2 * room) memory.resize(2 * room);
  Pen pen{memory.data(), memory.data() + room};
  (pen.*write)(line);
  return pen.written();
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  __builtin_unreachable();
}

WrittenLine json_line(const LogLine& line) {
  return written<&Pen::json>(line);
}

WrittenLine logfmt_line(const LogLine& line) {
  return written<&Pen::logfmt>(line);
}

}  // namespace relay
