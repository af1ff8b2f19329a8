#include <fmt/format.h>

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "app/api_client.h"
#include "app/commands.h"
#include "app/csv.h"
#include "core/usd_text.h"

namespace relay::app {
namespace {

using http::Method;
using Columns = std::span<const char* const>;

constexpr std::array group_columns = {"start", "key_name", "key_id", "model",
                                      "tag",   "tier",     "outcome"};
// Whoever reads an export may count columns: new ones stand at the end.
constexpr std::array sum_columns = {"requests",
                                    "refused",
                                    "input_tokens",
                                    "output_tokens",
                                    "cache_creation_input_tokens",
                                    "cache_read_input_tokens",
                                    "web_search_requests",
                                    "cost_usd",
                                    "estimated",
                                    "unpriced",
                                    "ephemeral_5m_input_tokens",
                                    "ephemeral_1h_input_tokens"};
constexpr std::array entry_columns = {"started_at",
                                      "request_id",
                                      "key_id",
                                      "key_name",
                                      "endpoint",
                                      "model",
                                      "served_model",
                                      "outcome",
                                      "status",
                                      "is_stream",
                                      "input_tokens",
                                      "output_tokens",
                                      "cache_creation_input_tokens",
                                      "cache_read_input_tokens",
                                      "web_search_requests",
                                      "cost_usd",
                                      "is_estimated",
                                      "is_unpriced",
                                      "first_byte_ms",
                                      "duration_ms",
                                      "attempts",
                                      "upstream",
                                      "upstream_request_id",
                                      "client",
                                      "ephemeral_5m_input_tokens",
                                      "ephemeral_1h_input_tokens"};

Target target_of(const std::string& path, const UsageOptions& options) {
  return Target{path}.with_all(options.filters);
}

// Costs are exact in the answer of the API; here they are made of the whole number beside them.
std::string text_of(const Json& row, const char* column) {
  const std::string_view name = column;
  if (name == "cost_usd") {
    return core::usd_text(row.at("cost_nano_usd").get<core::NanoUsd>());
  }
  if (name.starts_with("ephemeral_")) return row.at("cache_creation").at(column).dump();
  const auto found = row.find(column);
  if (found == row.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string csv_field(const Json& row, const char* column) {
  const auto found = row.find(column);
  const bool is_text = found != row.end() && found->is_string();
  return is_text ? csv_text(found->get_ref<const std::string&>()) : text_of(row, column);
}

void print_csv(const Json& rows, Columns columns, const Terminal& terminal) {
  for (const Json& row : rows) {
    std::string line;
    for (const char* const column : columns) line += csv_field(row, column) + ',';
    line.back() = '\r';
    fmt::print(terminal.out, "{}\n", line);
  }
}

void print_head(Columns columns, const Terminal& terminal) {
  fmt::print(terminal.out, "{}\r\n", fmt::join(columns, ","));
}

void print_lines(const Json& rows, const Terminal& terminal) {
  for (const Json& row : rows) fmt::print(terminal.out, "{}\n", row.dump());
}

// Whether rows are told apart by `column`: also where there are none, as a head says it all the
// same.
bool is_asked_for(std::string_view column, const UsageOptions& options) {
  const auto said = [&options](const char* name) {
    const auto found = options.filters.find(name);
    return found == options.filters.end() ? std::string{} : found->second;
  };
  if (column == "start") return !said("bucket").empty() && said("bucket") != "none";
  const std::string_view word = column.starts_with("key_") ? "key" : column;
  return fmt::format(",{},", said("by")).contains(fmt::format(",{},", word));
}

// What tells rows apart, and what they sum up.
std::vector<const char*> columns_of(const UsageOptions& options) {
  std::vector<const char*> columns;
  for (const char* const column : group_columns) {
    if (is_asked_for(column, options)) columns.push_back(column);
  }
  columns.insert(columns.end(), sum_columns.begin(), sum_columns.end());
  return columns;
}

std::string name_of(const Json& row) {
  std::string name;
  for (const char* const column : group_columns) {
    const bool is_told = row.contains(column) && std::string_view{column} != "key_id";
    if (is_told) name += (name.empty() ? "" : "  ") + shown(row, column);
  }
  return name.empty() ? "all" : name;
}

bool tells_apart(const UsageOptions& options) {
  return options.filters.contains("by") || options.filters.contains("bucket");
}

void print_table(const Json& report, bool has_groups, const Terminal& terminal) {
  constexpr const char* line = "{:<48}  {:>9}  {:>13}  {:>13}  {:>13}  {:>13}  {:>14}\n";
  fmt::print(terminal.out, "{} to {}, {}\n\n", shown(report, "from"), shown(report, "to"),
             shown(report, "time_zone"));
  fmt::print(terminal.out, line, "", "REQUESTS", "INPUT", "OUTPUT", "CACHE WRITE", "CACHE READ",
             "COST USD");
  const auto print = [&](const std::string& name, const Json& row) {
    fmt::print(terminal.out, line, name, shown(row, "requests"), shown(row, "input_tokens"),
               shown(row, "output_tokens"), shown(row, "cache_creation_input_tokens"),
               shown(row, "cache_read_input_tokens"), text_of(row, "cost_usd"));
  };
  for (const Json& row : report.at("data")) {
    if (has_groups) print(name_of(row), row);
  }
  print("total", report.at("totals"));
}

int summarize(AdminAccess& access, const UsageOptions& options, const Terminal& terminal) {
  const Result<Json> report =
      ask_json(access, Method::get, target_of("/admin/usage", options).text());
  if (!report) return fail(report.error(), terminal);
  if (options.prints_json) {
    fmt::print(terminal.out, "{}\n", report->dump());
  } else {
    print_table(*report, tells_apart(options), terminal);
  }
  return exit_ok;
}

int export_sums(AdminAccess& access, const UsageOptions& options, const Terminal& terminal) {
  const Result<Json> report =
      ask_json(access, Method::get, target_of("/admin/usage", options).text());
  if (!report) return fail(report.error(), terminal);
  const Json& rows = report->at("data");
  const std::vector<const char*> columns = columns_of(options);
  if (options.prints_json) {
    print_lines(rows, terminal);
  } else {
    print_head(columns, terminal);
    print_csv(rows, columns, terminal);
  }
  return exit_ok;
}

int export_entries(AdminAccess& access, const UsageOptions& options, const Terminal& terminal) {
  bool is_first = true;  // Of the pages: until it is there, the question may be refused.
  const auto print = [&](const Json& rows) {
    if (options.prints_json) return print_lines(rows, terminal);
    if (std::exchange(is_first, false)) print_head(entry_columns, terminal);
    print_csv(rows, entry_columns, terminal);
  };
  const Result<void> all = each_page(access, target_of("/admin/logs", options), print);
  return all ? static_cast<int>(exit_ok) : fail(all.error(), terminal);
}

// Sums, if it is said by what they are to be told apart; or else each exchange.
int export_rows(AdminAccess& access, const UsageOptions& options, const Terminal& terminal) {
  return tells_apart(options) ? export_sums(access, options, terminal)
                              : export_entries(access, options, terminal);
}

}  // namespace

int run_usage(const ConfigInputs& inputs, const UsageOptions& options, const Terminal& terminal) {
  return with_api(inputs, terminal, false, [&](AdminAccess& access, const Config&) -> int {
    UsageOptions resolved = options;
    if (const auto key = resolved.filters.find("key"); key != resolved.filters.end()) {
      const Result<std::string> id = find_key_id(access, key->second);
      if (!id) return fail(id.error(), terminal);
      key->second = *id;
    }
    return options.exports ? export_rows(access, resolved, terminal)
                           : summarize(access, resolved, terminal);
  });
}

}  // namespace relay::app
