#include <fmt/format.h>

#include <algorithm>

#include "app/read_file.h"
#include "app/variables.h"
#include "base/limits.h"

namespace relay::app {
namespace {

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

std::optional<std::string> first_value(std::string_view name,
                                       std::initializer_list<const Variables*> all) {
  for (const Variables* variables : all) {
    const auto found = variables->find(name);
    if (found != variables->end()) return found->second.value;
  }
  return std::nullopt;
}

// What stands between the braces.
std::expected<std::string, std::string> value_of(std::string_view reference,
                                                 const FindVariable& find) {
  const std::size_t mark = reference.find(":-");
  const std::string_view name = reference.substr(0, mark);
  if (!is_variable_name(name)) {
    return std::unexpected(fmt::format("'${{{}}}' names no variable", reference));
  }
  if (reference.contains("${")) {  // Its "}" would end this one.
    return std::unexpected(
        fmt::format("'${{{0}:-...}}': a default cannot hold another '${{': set {0}, or write the "
                    "default out",
                    name));
  }
  const FoundVariable found = find(name);
  if (!found) return std::unexpected(found.error());
  const std::optional<std::string>& value = *found;
  if (mark != std::string_view::npos) {
    return value && !value->empty() ? *value : std::string{reference.substr(mark + 2)};
  }
  if (!value) return std::unexpected(fmt::format("the variable {} is not set", name));
  return *value;
}

}  // namespace

bool is_variable_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char byte) {
    return is_letter(byte) || (byte >= '0' && byte <= '9');
  });
}

FoundVariable find_variable(std::string_view name, std::initializer_list<const Variables*> all) {
  std::optional<std::string> value = first_value(name, all);
  if (value && !value->empty()) return value;
  const std::string file_name = std::string{name} + "_FILE";
  const std::optional<std::string> file = first_value(file_name, all);
  if (!file || file->empty()) return value;
  auto text = read_secret_file(*file);
  if (!text) return std::unexpected(fmt::format("{}: {}", file_name, text.error()));
  return *std::move(text);
}

std::expected<std::string, std::string> read_secret_file(const std::string& file) {
  auto text = read_file(file, limits::config_file_bytes_max);
  while (text && (text->ends_with('\n') || text->ends_with('\r'))) text->pop_back();
  return text;
}

std::expected<std::string, std::string> expand_variables(std::string_view text,
                                                         const FindVariable& find) {
  std::string expanded;
  while (true) {
    const std::size_t at = text.find("${");
    expanded += text.substr(0, at);
    if (at == std::string_view::npos) return expanded;
    const bool is_literal = at > 0 && text[at - 1] == '$';
    if (is_literal) {
      expanded += '{';  // Its dollar is there: the first of the two.
      text.remove_prefix(at + 2);
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return std::unexpected("'${' without a '}'");
    auto value = value_of(text.substr(at + 2, end - at - 2), find);
    if (!value) return value;
    expanded += *value;
    text.remove_prefix(end + 1);
  }
}

}  // namespace relay::app
