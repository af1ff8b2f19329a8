#include "base/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/json_text.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

namespace relay {
namespace {

void append_quoted(std::string& out, std::string_view text, std::size_t bytes_max) {
  out += '"';
  append_json_escaped(out, cut_utf8(text, bytes_max));
  out += '"';
}

void append_number(std::string& out, double value) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  } else {
    out += "null";
  }
}

bool is_bare_word(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char byte) {
    return byte > ' ' && byte < 0x7f && byte != '"' && byte != '=' && byte != '\\';
  });
}

enum class Quotes : std::uint8_t { always, where_needed };

struct AppendValue {
  std::string& out;
  Quotes quotes;

  void operator()(std::string_view text) const {
    text = cut_utf8(text, limits::log_field_bytes_max);
    if (quotes == Quotes::where_needed && is_bare_word(text)) {
      out += text;
    } else {
      append_quoted(out, text, limits::log_field_bytes_max);
    }
  }
  void operator()(double value) const { append_number(out, value); }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::integral auto value) const { out += fmt::format_int{value}.c_str(); }
};

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
  out += R"({"ts":")";
  out += to_rfc3339(line.time);
  out += R"(","level":")";
  out += line.is_access ? "access" : to_string(line.level);
  out += R"(","msg":)";
  append_quoted(out, line.message, limits::log_message_bytes_max);
  for (const LogField& field : line.fields) {
    out += ',';
    append_quoted(out, field.key, limits::log_field_bytes_max);
    out += ':';
    std::visit(AppendValue{out, Quotes::always}, field.value.kind());
  }
  out += "}\n";
}

void append_logfmt_line(std::string& out, const LogLine& line) {
  out += "ts=";
  out += to_rfc3339(line.time);
  out += " level=";
  out += line.is_access ? "access" : to_string(line.level);
  out += " msg=";
  append_quoted(out, line.message, limits::log_message_bytes_max);
  for (const LogField& field : line.fields) {
    out += ' ';
    out += is_bare_word(field.key) ? field.key : "_";
    out += '=';
    std::visit(AppendValue{out, Quotes::where_needed}, field.value.kind());
  }
  out += '\n';
}

}  // namespace relay
