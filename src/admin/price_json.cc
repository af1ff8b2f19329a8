#include "admin/price_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "admin/json_body.h"
#include "admin/json_writer.h"
#include "base/limits.h"
#include "core/price_text.h"
#include "core/words.h"

namespace relay::admin {
namespace {

using core::PriceMember;
using core::PriceRow;
using nlohmann::json;

// Members that are text; all others are numbers.
bool is_text(std::string_view path) {
  return path.starts_with("valid_") || path == "source" || path == "checked_on";
}

// In the order of core::price_members(), in which the members of an object are neighbours.
void write_members(JsonWriter& out, const std::vector<PriceMember>& members) {
  std::string_view open;
  for (const PriceMember& member : members) {
    const std::string_view path = member.path;
    const std::size_t dot = path.find('.');
    const std::string_view owner = dot == path.npos ? "" : path.substr(0, dot);
    if (path == "models") continue;
    if (owner != open && !open.empty()) out.end();
    if (owner != open && !owner.empty()) out.key(owner).begin_object();
    open = owner;
    out.key(path.substr(dot == path.npos ? 0 : dot + 1));
    is_text(path) ? out.value(member.text) : out.raw(member.text);
  }
  if (!open.empty()) out.end();
}

void write_price(JsonWriter& out, const PriceRow& row) {
  out.begin_object().key("models").begin_list();
  for (const std::string& model : row.models) out.value(model);
  out.end();
  write_members(out, core::price_members(row));
  out.member("origin", core::to_string(row.origin))
      .member("version", core::price_version(row))
      .end();
}

// What a member says, as it was written. None: neither text nor a number.
std::optional<std::string> written(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  if (!value.is_binary()) return std::nullopt;
  return std::string{value.get_binary().begin(), value.get_binary().end()};
}

using Fault = std::string;  // Empty: there is none.

Fault read_value(PriceRow& row, const std::string& path, const json& value) {
  if (!core::is_price_member(path)) return fmt::format("{} is unknown", path);
  const std::optional<std::string> text = written(value);
  if (!text) return fmt::format("{}: expected a number or text", path);
  const auto done = core::set_price_member(row, path, *text);
  return done ? Fault{} : fmt::format("{}: {}", path, done.error());
}

Fault read_models(PriceRow& row, const json& value) {
  if (!value.is_array()) return "models: expected an array of ids";
  for (const json& model : value) {
    if (!model.is_string()) return "models: expected an array of ids";
    if (Fault fault = read_value(row, "models", model); !fault.empty()) return fault;
  }
  return {};
}

Fault read_origin(PriceRow& row, const json& value) {
  const auto origin =
      value.is_string() ? core::parse_price_origin(value.get<std::string>()) : std::nullopt;
  if (!origin) return "origin: expected embedded, file or stored";
  row.origin = *origin;
  return {};
}

Fault read_member(PriceRow& row, const std::string& name, const json& value) {
  if (value.is_null() || name == "version") return {};
  if (name == "models") return read_models(row, value);
  if (name == "origin") return read_origin(row, value);
  if (!value.is_object()) return read_value(row, name, value);
  for (const auto& [inner, text] : value.items()) {
    if (Fault fault = read_value(row, name + "." + inner, text); !fault.empty()) return fault;
  }
  return {};
}

Fault read_row(PriceRow& row, const json& members) {
  if (!members.is_object()) return "expected an object";
  for (const auto& [name, value] : members.items()) {
    if (Fault fault = read_member(row, name, value); !fault.empty()) return fault;
  }
  return core::fault_in(row);
}

}  // namespace

std::string prices_json(std::span<const PriceRow> rows) {
  JsonWriter out;
  out.begin_list();
  for (const PriceRow& row : rows) write_price(out, row);
  return out.end().take();
}

std::string price_json(const PriceRow& row) {
  JsonWriter out;
  write_price(out, row);
  return out.take();
}

Result<PriceRow> parse_price(const json& row) {
  PriceRow parsed;
  parsed.origin = core::PriceOrigin::stored;
  const Fault fault = read_row(parsed, row);
  if (!fault.empty()) return std::unexpected(bad_request(fault + "."));
  return parsed;
}

Result<std::vector<PriceRow>> parse_prices(const json& rows) {
  if (!rows.is_array() || rows.size() > limits::price_rows_max) {
    return std::unexpected(
        bad_member("data", fmt::format("an array of at most {} prices; more may be in the file "
                                       "that prices.file names",
                                       limits::price_rows_max)));
  }
  std::vector<PriceRow> parsed;
  for (const json& members : rows) {
    Result<PriceRow> row = parse_price(members);
    if (!row) {
      return std::unexpected(
          bad_request(fmt::format("data[{}]: {}", parsed.size(), row.error().message)));
    }
    parsed.push_back(*std::move(row));
  }
  return parsed;
}

Result<std::vector<PriceRow>> parse_stored_prices(std::string_view text) {
  const Result<json> rows = parse_json(text);
  if (!rows) return std::unexpected(rows.error());
  return parse_prices(*rows);
}

}  // namespace relay::admin
