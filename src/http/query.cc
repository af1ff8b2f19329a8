#include "http/query.h"

#include <algorithm>

#include "base/limits.h"
#include "http/characters.h"

namespace relay::http {
namespace {

std::unexpected<Error> refused(std::string_view why) {
  return std::unexpected(Error{
      .code = ErrorCode::invalid_request, .origin = Origin::client, .message = std::string{why}});
}

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

// nullopt: an escape is not whole, or there is a control character.
std::optional<std::string> unescaped(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i] == '+' ? ' ' : text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (is_control(c)) return std::nullopt;
    plain.push_back(c);
  }
  return plain;
}

}  // namespace

Result<Query> Query::parse(std::string_view query) {
  Query parsed;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    if (parsed.parameters_.size() == limits::query_parameters_max) {
      return refused("the query has too many parameters");
    }
    const std::size_t name_bytes = std::min(part.find('='), part.size());
    const auto name = unescaped(part.substr(0, name_bytes));
    const auto value = unescaped(part.substr(std::min(name_bytes + 1, part.size())));
    if (!name || !value || name->empty()) return refused("the query is malformed");
    if (parsed.find(*name)) return refused("the query gives a parameter twice");
    parsed.parameters_.push_back({*name, *value});
  }
  return parsed;
}

std::optional<std::string_view> Query::find(std::string_view name) const noexcept {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return parameter.value;
  }
  return std::nullopt;
}

}  // namespace relay::http
