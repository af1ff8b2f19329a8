#include "sim/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relay::sim {

std::string json_string(std::string_view text) {
  const auto stands_for_itself = [](char c) {
    return c >= ' ' && c < 127 && c != '"' && c != '\\';
  };
  if (std::ranges::all_of(text, stands_for_itself)) {
    std::string plain;
    plain.reserve(text.size() + 2);
    plain.append(1, '"').append(text).append(1, '"');
    return plain;
  }
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace relay::sim
