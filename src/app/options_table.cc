#include <fmt/format.h>

#include "app/options.h"

namespace relay::app {
namespace {

// A "|" would end the cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char byte : text) {
    if (byte == '|') escaped += '\\';
    escaped += byte;
  }
  return escaped;
}

std::string code(std::string_view text) {
  return text.empty() ? "" : fmt::format("`{}`", text);
}

template <typename Target>
void append_rows(std::string& table, const std::string& owner,
                 const std::vector<Option<Target>>& options, bool has_variables) {
  const Target defaults;
  for (const Option<Target>& option : options) {
    const std::string path = owner + option.path;
    std::string variables;
    if (has_variables) {
      variables = code(option.variable.empty() ? variable_of(path) : option.variable);
    }
    table += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", path, variables, code(option.flag),
                         cell(option.what),
                         code(fmt::format("{}", fmt::join(option.show(defaults), ", "))),
                         cell(option.about));
  }
}

}  // namespace

std::string options_table() {
  std::string table =
      "| option | environment variable | flag | value | default | meaning |\n"
      "|---|---|---|---|---|---|\n";
  append_rows(table, "", config_options(), true);
  append_rows(table, std::string{primary_path} + ".", upstream_options(), true);
  append_rows(table, std::string{upstreams_path} + "[].", upstream_options(), false);
  append_rows(table, std::string{tiers_path} + ".NAME.", tier_options(), false);
  return table;
}

}  // namespace relay::app
