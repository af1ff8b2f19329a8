#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.h"

namespace relay::store {

// A query put together from parts, each with a `?` for each of its values.
class SqlQuery {
 public:
  template <typename... Values>
  SqlQuery& add(SqlText part, const Values&... values) {
    text_ += part.get();
    (values_.push_back(kept(values)), ...);
    return *this;
  }

  // "WHERE part" the first time, "AND part" from then on.
  template <typename... Values>
  SqlQuery& where(SqlText part, const Values&... values) {
    text_ += std::exchange(has_condition_, true) ? " AND " : " WHERE ";
    return add(part, values...);
  }

  // "(?, ?, ?)" for the values of a list, which is not empty.
  template <typename Values>
  SqlQuery& add_list(const Values& values) {
    const char* separator = "(?";
    for (const auto& value : values) {
      text_ += std::exchange(separator, ", ?");
      values_.push_back(kept(value));
    }
    text_ += ')';
    return *this;
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::span<const SqlValue> values() const noexcept { return values_; }

 private:
  // Texts are often made for the query: it keeps a copy.
  template <typename Value>
  SqlValue kept(const Value& value) {
    SqlValue made{value};
    const auto* const text = std::get_if<std::string_view>(&made.get());
    return text == nullptr ? made : SqlValue{texts_.emplace_back(*text)};
  }

  std::string text_;
  bool has_condition_ = false;
  std::vector<SqlValue> values_;
  std::deque<std::string> texts_;  // Do not move.
};

// For `lower(column) LIKE ? ESCAPE '\'`: what contains `part`, whatever the case of its ASCII
// letters.
std::string containing(std::string_view part);

// For `column LIKE ? ESCAPE '\'`: what begins with `part`.
std::string beginning_with(std::string_view part);

}  // namespace relay::store
