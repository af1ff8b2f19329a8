#include "admin/price_json.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/limits.h"
#include "core/price_text.h"

namespace relay::admin {
namespace {

using core::PriceRow;
using nlohmann::json;

constexpr std::array<std::string_view, 3> origins = {"embedded", "file", "stored"};

std::unexpected<Error> bad_row(std::size_t row, std::string_view fault) {
  return std::unexpected(Error{.code = ErrorCode::invalid_request,
                               .origin = Origin::client,
                               .message = fmt::format("prices[{}]: {}.", row, fault)});
}

// What a member says. None: neither text nor a whole number.
std::optional<std::string> text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  if (value.is_binary()) return std::string{value.get_binary().begin(), value.get_binary().end()};
  return std::nullopt;
}

using Fault = std::string;  // Empty: there is none.

Fault read_text(PriceRow& row, const std::string& path, const json& value) {
  if (!core::is_price_member(path)) return fmt::format("{} is unknown", path);
  const std::optional<std::string> text = text_of(value);
  if (!text) return fmt::format("{}: expected text, such as \"0.125\"", path);
  const auto done = core::set_price_member(row, path, *text);
  return done ? Fault{} : fmt::format("{}: {}", path, done.error());
}

Fault read_models(PriceRow& row, const json& value) {
  if (!value.is_array()) return "models: expected an array of ids";
  for (const json& model : value) {
    if (!model.is_string()) return "models: expected an array of ids";
    if (Fault fault = read_text(row, "models", model); !fault.empty()) return fault;
  }
  return {};
}

Fault read_member(PriceRow& row, const std::string& name, const json& value) {
  if (value.is_null() || name == "origin" || name == "version") return {};
  if (name == "models") return read_models(row, value);
  if (!value.is_object()) return read_text(row, name, value);
  for (const auto& [inner, text] : value.items()) {
    if (Fault fault = read_text(row, name + "." + inner, text); !fault.empty()) return fault;
  }
  return {};
}

}  // namespace

json price_json(const PriceRow& row) {
  json shown = json::object();
  shown["models"] = row.models;
  for (const core::PriceMember& member : core::price_members(row)) {
    const std::size_t dot = member.path.find('.');
    if (member.path == "models") continue;
    if (dot == member.path.npos) {
      shown[member.path] = member.text;
    } else {
      shown[member.path.substr(0, dot)][member.path.substr(dot + 1)] = member.text;
    }
  }
  if (row.long_prompt) shown["long_prompt"]["above"] = row.long_prompt->above;
  shown["origin"] = origins[static_cast<std::size_t>(row.origin)];
  shown["version"] = core::price_version(row);
  return shown;
}

Result<std::vector<PriceRow>> parse_price_rows(const json& rows, core::PriceOrigin origin) {
  std::vector<PriceRow> parsed;
  if (!rows.is_array() || rows.size() > limits::price_rows_max) {
    return std::unexpected(Error{.code = ErrorCode::invalid_request,
                                 .origin = Origin::client,
                                 .message = fmt::format("prices: expected an array of at most {}.",
                                                        limits::price_rows_max)});
  }
  for (const json& members : rows) {
    if (!members.is_object()) return bad_row(parsed.size(), "expected an object");
    PriceRow row;
    row.origin = origin;
    for (const auto& [name, value] : members.items()) {
      if (Fault fault = read_member(row, name, value); !fault.empty()) {
        return bad_row(parsed.size(), fault);
      }
    }
    if (Fault fault = core::fault_in(row); !fault.empty()) return bad_row(parsed.size(), fault);
    parsed.push_back(std::move(row));
  }
  return parsed;
}

Result<std::vector<PriceRow>> parse_stored_prices(std::string_view text) {
  return parse_price_rows(json::parse(text, nullptr, false), core::PriceOrigin::stored);
}

}  // namespace relay::admin
