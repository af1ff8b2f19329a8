#pragma once

#include <expected>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "app/config_draft.h"

namespace relay::app {

// A variable that is set, and where.
struct Variable {
  std::string value;
  std::string place;
};
using Variables = std::map<std::string, Variable, std::less<>>;

// Those of this process.
Variables process_environment();

// Reads a .env file: NAME=value, with or without "export", "#" comments, 'literal' and "escaped"
// values, ${VAR} from earlier lines and from `environment`. Problems go to `draft`, with their line
// and column.
Variables parse_env_file(std::string_view file, std::string_view text, const Variables& environment,
                         ConfigDraft& draft);

// What a variable stands for, or nothing; the error says why it cannot be told.
using FoundVariable = std::expected<std::optional<std::string>, std::string>;

// The variable in the first of `all` that has it. Where that is none, or an empty one, what is in
// the file that NAME_FILE names.
FoundVariable find_variable(std::string_view name, std::initializer_list<const Variables*> all);

// The secret in a file, without the end of its line.
std::expected<std::string, std::string> read_secret_file(const std::string& file);

// Replaces ${VAR} and ${VAR:-default}, where an empty variable counts as unset for the default,
// which holds no other one. $${ is a literal ${; any other "$" stands for itself. The error says
// what is wrong.
using FindVariable = std::function<FoundVariable(std::string_view name)>;
std::expected<std::string, std::string> expand_variables(std::string_view text,
                                                         const FindVariable& find);

// [A-Za-z_][A-Za-z0-9_]*
bool is_variable_name(std::string_view text);

}  // namespace relay::app
