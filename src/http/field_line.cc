#include "http/field_line.h"

#include "http/characters.h"

namespace relay::http {
namespace {

std::unexpected<Fault> fault_in_name(std::string_view bytes, std::size_t at) noexcept {
  const char c = bytes[at];
  if (c == ' ' || c == '\t') {
    return malformed(at == 0 ? "a header line is folded" : "a header name is followed by a space");
  }
  if (c == ':') return malformed("a header line has no name");
  if (c == '\r') return malformed("a header line has no colon");
  if (c == '\n') return malformed("a header line ends in a bare line feed");
  return malformed("a header name has a character that may not stand there");
}

// True: CRLF is at the front. nullopt: it may still come.
std::optional<bool> is_line_end(std::string_view bytes) noexcept {
  if (bytes.size() < 2) return std::nullopt;
  return bytes[1] == '\n';
}

}  // namespace

Parsed<std::optional<FieldLine>> read_field_line(std::string_view bytes) noexcept {
  const std::size_t name_bytes = run_of(CharClass::token, bytes);
  if (name_bytes == bytes.size()) return std::nullopt;
  if (name_bytes == 0 && bytes.front() == '\r') {
    const std::optional<bool> is_end = is_line_end(bytes);
    if (!is_end) return std::nullopt;
    if (!*is_end) return malformed("a header line has a bare carriage return");
    return FieldLine{{}, 2};
  }
  if (name_bytes == 0 || bytes[name_bytes] != ':') return fault_in_name(bytes, name_bytes);

  const std::size_t value_at = name_bytes + 1;
  const std::size_t end = value_at + run_of_field_text(bytes.substr(value_at));
  if (end == bytes.size()) return std::nullopt;
  if (bytes[end] == '\n') return malformed("a header line ends in a bare line feed");
  if (bytes[end] != '\r') return malformed("a header value has a control character");
  const std::optional<bool> is_end = is_line_end(bytes.substr(end));
  if (!is_end) return std::nullopt;
  if (!*is_end) return malformed("a header value has a bare carriage return");
  return FieldLine{{bytes.substr(0, name_bytes), trimmed(bytes.substr(value_at, end - value_at))},
                   end + 2};
}

}  // namespace relay::http
