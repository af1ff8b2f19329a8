#include "store/sql_query.h"

namespace relay::store {
namespace {

std::string escaped(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace

std::string containing(std::string_view part) {
  std::string folded{part};
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return '%' + escaped(folded) + '%';
}

std::string beginning_with(std::string_view part) {
  return escaped(part) + '%';
}

}  // namespace relay::store
