#include "store/sql_columns.h"

#include <nlohmann/json.hpp>

namespace relay::store {

using nlohmann::json;

std::string list_text(const std::vector<std::string>& list) {
  if (list.empty()) return {};
  return json(list).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string list_text(const std::vector<AddressRange>& list) {
  std::vector<std::string> texts;
  for (const AddressRange& range : list) texts.push_back(to_string(range));
  return list_text(texts);
}

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> list;
  if (text.empty() || text == "[]") return list;
  const json parsed = json::parse(text, nullptr, false);
  for (const json& item : parsed) {
    if (item.is_string()) list.push_back(item.get<std::string>());
  }
  return list;
}

void SqlColumns::next(std::vector<AddressRange>& list) {
  list.clear();
  for (const std::string& text : list_of(row_.text(at_++))) {
    list.push_back(parse_address_range(text).value_or(AddressRange{}));  // Lets nobody in.
  }
}

}  // namespace relay::store
