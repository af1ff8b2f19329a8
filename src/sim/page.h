#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/answer.h"

namespace relay::sim {

// Which page of a list: ?limit, after_id, before_id.
struct PageQuery {
  std::size_t limit = 20;
  std::string after_id;
  std::string before_id;
};

[[nodiscard]] PageQuery parse_page_query(std::string_view query);

// An object of a list, and how it looks there.
struct Listed {
  std::string id;
  std::string json;
};

// {"data":[...],"has_more":...,"first_id":...,"last_id":...}
[[nodiscard]] Answer page_answer(const std::vector<Listed>& all, const PageQuery& query);

// The value of `name` in a query, with its escapes resolved. Empty: not there.
[[nodiscard]] std::string query_value(std::string_view query, std::string_view name);

}  // namespace relay::sim
