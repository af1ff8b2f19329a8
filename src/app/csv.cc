#include "app/csv.h"

#include "base/json_text.h"

namespace relay::app {
namespace {

// Quotes and backslashes do no harm, and others look for them as they are.
std::string shown_as_text(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find_first_of("\"\\"));
    append_json_escaped(shown, piece);
    text.remove_prefix(piece.size());
    if (text.empty()) break;
    shown += text.front();
    text.remove_prefix(1);
  }
  return shown;
}

}  // namespace

std::string csv_text(std::string_view text) {
  constexpr std::string_view formula_begins = "=+-@\t\r";
  const bool is_formula = !text.empty() && formula_begins.contains(text.front());
  std::string field = (is_formula ? "'" : "") + shown_as_text(text);
  if (field.find_first_of(",\"") == std::string::npos) return field;
  for (std::size_t at = field.find('"'); at != std::string::npos; at = field.find('"', at + 2)) {
    field.insert(at, 1, '"');
  }
  return '"' + field + '"';
}

}  // namespace relay::app
