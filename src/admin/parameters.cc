#include "admin/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "admin/json_body.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "core/usd_text.h"

namespace relay::admin {
namespace {

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::optional{number} : std::nullopt;
}

std::optional<bool> truth_of(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

}  // namespace

Parameters::Parameters(std::string_view query) {
  Result<http::Query> parsed = http::Query::parse(query);
  if (parsed) {
    query_ = *std::move(parsed);
  } else {
    fault_ = parsed.error();
  }
}

void Parameters::refuse(std::string_view name, std::string_view expected) {
  if (!fault_) fault_ = bad_member(name, expected);
}

void Parameters::refuse_empty(std::string_view name, std::string_view expected) {
  const std::optional<std::string_view> value = query_.find(name);
  if (value && value->empty()) refuse(name, expected);
}

Result<void> Parameters::finish() const {
  if (fault_) return std::unexpected(*fault_);
  for (const http::Query::Parameter& given : query_.parameters()) {
    if (std::ranges::find(known_, given.name) != known_.end()) continue;
    const std::string all = known_.empty() ? "none" : fmt::format("{}", fmt::join(known_, ", "));
    return std::unexpected(
        bad_request("Unknown parameter \"" + given.name + "\". Known are: " + all + "."));
  }
  return {};
}

std::optional<std::string_view> Parameters::find(std::string_view name) {
  if (std::ranges::find(known_, name) == known_.end()) known_.emplace_back(name);
  const std::optional<std::string_view> value = query_.find(name);
  return value && !value->empty() ? value : std::nullopt;
}

std::string Parameters::text(std::string_view name) {
  return std::string{find(name).value_or("")};
}

std::vector<std::string_view> Parameters::list(std::string_view name) {
  std::vector<std::string_view> items;
  std::string_view rest = find(name).value_or("");
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    items.push_back(item);
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
  }
  return items;
}

std::optional<std::int64_t> Parameters::count(std::string_view name, std::int64_t least,
                                              std::int64_t most) {
  const std::string expected =
      "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  return word(name, expected, [&](std::string_view text) {
    const std::optional<std::int64_t> number = number_of(text);
    return number && *number >= least && *number <= most ? number : std::nullopt;
  });
}

std::optional<bool> Parameters::truth(std::string_view name) {
  return word(name, "true or false", truth_of);
}

std::optional<WallTime> Parameters::time(std::string_view name) {
  constexpr std::string_view expected = "a time like 2027-01-31T00:00:00Z";
  refuse_empty(name, expected);
  return word(name, expected, parse_rfc3339);
}

std::optional<core::NanoUsd> Parameters::usd(std::string_view name) {
  return word(name, "an amount of dollars with at most nine decimals", core::parse_usd);
}

core::PageRequest Parameters::page() {
  const auto limit = count("limit", 1, limits::page_rows_max);
  std::string after = text("after");
  if (after.size() > limits::cursor_bytes_max) refuse("after", "what `next` of a page says");
  return {.after = std::move(after),
          .rows_max = static_cast<std::size_t>(limit.value_or(limits::page_rows_default))};
}

}  // namespace relay::admin
