#include "base/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

// Room for a line of so many fields, whatever is in them.
constexpr std::size_t line_bytes_max(std::size_t fields) {
  constexpr std::size_t fixed = 64;
  return fixed + quoted_bytes_max(limits::log_message_bytes_max) +
         fields * (LogKey::bytes_max + quoted_bytes_max(limits::log_field_bytes_max));
}

std::string_view cut(std::string_view text, std::size_t bytes_max) noexcept {
  return text.size() <= bytes_max ? text : cut_utf8(text, bytes_max);
}

char* put_quoted(char* to, std::string_view text) noexcept {
  *to++ = '"';
  to = put_json_escaped(to, text);
  *to++ = '"';
  return to;
}

char* put_real(char* to, double value) {
  if (!std::isfinite(value)) return put(to, "null");
  return fmt::format_to_n(to, number_bytes_max, "{}", value).out;
}

bool is_bare_word(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char byte) {
    return byte > ' ' && byte < 0x7f && byte != '"' && byte != '=' && byte != '\\';
  });
}

enum class Quotes : std::uint8_t { always, where_needed };

struct PutValue {
  char* to;
  Quotes quotes;

  char* operator()(std::string_view text) const {
    text = cut(text, limits::log_field_bytes_max);
    const bool is_bare = quotes == Quotes::where_needed && is_bare_word(text);
    return is_bare ? put(to, text) : put_quoted(to, text);
  }
  char* operator()(double value) const { return put_real(to, value); }
  char* operator()(bool value) const { return put(to, value ? "true" : "false"); }
  char* operator()(std::integral auto value) const { return put_number(to, value); }
};

char* put_value(char* to, const LogValue& value, Quotes quotes) {
  return std::visit(PutValue{to, quotes}, value.kind());
}

std::string_view level_of(const LogLine& line) noexcept {
  return line.is_access ? "access" : to_string(line.level);
}

char* put_json_line(char* to, const LogLine& line) {
  to = put_rfc3339(put(to, R"({"ts":")"), line.time);
  to = put(put(to, R"(","level":")"), level_of(line));
  to = put_quoted(put(to, R"(","msg":)"), cut(line.message, limits::log_message_bytes_max));
  for (const LogField& field : line.fields) {
    to = put_value(field.key.put_json(to), field.value, Quotes::always);
  }
  return put(to, "}\n");
}

char* put_logfmt_line(char* to, const LogLine& line) {
  to = put_rfc3339(put(to, "ts="), line.time);
  to = put(put(to, " level="), level_of(line));
  to = put_quoted(put(to, " msg="), cut(line.message, limits::log_message_bytes_max));
  for (const LogField& field : line.fields) {
    to = put(put(put(to, " "), field.key.word()), "=");
    to = put_value(to, field.value, Quotes::where_needed);
  }
  return put(to, "\n");
}

// Room is made once for the whole line: there is a line for every exchange.
template <auto put_line>
void append_line(std::string& out, const LogLine& line) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(
      before + line_bytes_max(line.fields.size()),
      [&](char* memory, std::size_t) { return put_line(memory + before, line) - memory; });
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

void append_json_line(std::string& out, const LogLine& line) {
  append_line<put_json_line>(out, line);
}

void append_logfmt_line(std::string& out, const LogLine& line) {
  append_line<put_logfmt_line>(out, line);
}

}  // namespace relay
