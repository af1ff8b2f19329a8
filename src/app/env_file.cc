#include <fmt/format.h>
#include <unistd.h>

#include "app/variables.h"

namespace relay::app {
namespace {

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Reads the lines of one file, one after the other.
class EnvFile {
 public:
  EnvFile(std::string_view file, const Variables& environment, ConfigDraft& draft)
      : file_{file}, environment_{environment}, draft_{draft} {}

  void read_line(std::string_view line, int number) {
    line_ = line;
    number_ = number;
    std::string_view rest = without_blanks(line);
    if (rest.empty() || rest.front() == '#') return;
    if (rest.starts_with("export ")) rest = without_blanks(rest.substr(7));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return fail(rest, "expected NAME=value");
    const std::string_view name = without_blanks(rest.substr(0, equals));
    if (!is_variable_name(name)) return fail(rest, "expected the name of a variable before '='");
    read_value(name, without_blanks(rest.substr(equals + 1)));
  }

  [[nodiscard]] Variables take() { return std::move(variables_); }

 private:
  [[nodiscard]] std::string place(std::string_view at) const {
    return fmt::format("{}:{}:{}", file_, number_, at.data() - line_.data() + 1);
  }

  void fail(std::string_view at, std::string message) {
    draft_.fail(place(at), std::move(message));
  }

  void read_value(std::string_view name, std::string_view text) {
    if (text.starts_with('\'')) return read_literal(name, text);
    if (text.starts_with('"')) return read_escaped(name, text);
    const std::size_t comment = text.find(" #");
    set(name, text, without_blanks(text.substr(0, comment)));
  }

  void read_literal(std::string_view name, std::string_view text) {
    const std::size_t end = text.find('\'', 1);
    if (end == std::string_view::npos) return fail(text, "expected a closing '");
    if (!ends_after(text, end)) return;
    store(name, text, std::string{text.substr(1, end - 1)});
  }

  void read_escaped(std::string_view name, std::string_view text) {
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '"') {
        if (ends_after(text, i)) set(name, text, value);
        return;
      }
      const bool is_escape = text[i] == '\\' && i + 1 < text.size();
      if (is_escape) ++i;
      value += is_escape && text[i] == 'n' ? '\n' : text[i];
    }
    fail(text, "expected a closing \"");
  }

  bool ends_after(std::string_view text, std::size_t quote) {
    const std::string_view rest = without_blanks(text.substr(quote + 1));
    const bool ends = rest.empty() || rest.front() == '#';
    if (!ends) fail(rest, "expected the end of the line after the closing quote");
    return ends;
  }

  void set(std::string_view name, std::string_view at, std::string_view text) {
    auto value = expand_variables(text, [&](std::string_view other) {
      return find_variable(other, {&environment_, &variables_});
    });
    if (!value) return fail(at, value.error());
    store(name, at, *std::move(value));
  }

  void store(std::string_view name, std::string_view at, std::string value) {
    variables_.insert_or_assign(std::string{name}, Variable{std::move(value), place(at)});
  }

  std::string_view file_;
  const Variables& environment_;
  ConfigDraft& draft_;
  std::string_view line_;
  int number_ = 0;
  Variables variables_;
};

}  // namespace

Variables parse_env_file(std::string_view file, std::string_view text, const Variables& environment,
                         ConfigDraft& draft) {
  EnvFile reader{file, environment, draft};
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    reader.read_line(line, number);
  }
  return reader.take();
}

Variables process_environment() {
  Variables variables;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text{*each};
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    std::string name{text.substr(0, equals)};
    std::string place = "environment variable " + name;
    variables[std::move(name)] = {std::string{text.substr(equals + 1)}, std::move(place)};
  }
  return variables;
}

}  // namespace relay::app
