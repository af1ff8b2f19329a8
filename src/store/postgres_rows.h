#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.h"

namespace relay::store {

// Many rows for one INSERT, as PostgreSQL takes them at once: an array for each column. One
// statement for each row would cost the server three times as much.
class PostgresRows {
 public:
  void add(std::span<const SqlValue> row);  // All rows have as many values.

  [[nodiscard]] bool empty() const noexcept { return columns_.empty(); }

  // What stands for the arrays. Each is written as PostgreSQL writes one: {1,2,NULL}.
  [[nodiscard]] std::vector<std::string> arrays() const;

 private:
  std::vector<std::string> columns_;
};

// An INSERT of one row as the INSERT of many: its VALUES (?, ?) become the rows of arrays of these
// types.
std::string by_arrays(std::string_view insert, std::span<const std::string_view> types);

}  // namespace relay::store
