#include "store/postgres_rows.h"

#include <cassert>

#include "store/postgres_parameters.h"

namespace relay::store {
namespace {

struct Element {
  std::string& array;

  void operator()(std::monostate) const { array += "NULL"; }
  void operator()(std::int64_t value) const { array += std::to_string(value); }
  void operator()(std::string_view text) const {
    array += '"';
    for (const char c : storable(text)) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  void operator()(SqlValue::Bytes bytes) const {
    constexpr std::string_view digits = "0123456789abcdef";
    array += R"("\\x)";
    for (const std::uint8_t byte : bytes) {
      array += digits[byte >> 4];
      array += digits[byte & 15];
    }
    array += '"';
  }
};

}  // namespace

void PostgresRows::add(std::span<const SqlValue> row) {
  if (columns_.empty()) columns_.resize(row.size());
  assert(columns_.size() == row.size() && "a row of another statement");
  for (std::size_t i = 0; i < row.size(); ++i) {
    columns_[i] += columns_[i].empty() ? '{' : ',';
    std::visit(Element{columns_[i]}, row[i].get());
  }
}

std::vector<std::string> PostgresRows::arrays() const {
  std::vector<std::string> closed = columns_;
  for (std::string& column : closed) column += '}';
  return closed;
}

std::string by_arrays(std::string_view insert, std::span<const std::string_view> types) {
  constexpr std::string_view values = "VALUES (";
  const std::size_t begin = insert.find(values);
  const std::size_t end = insert.find(')', begin);
  assert(end != std::string_view::npos && "no INSERT of one row");
  std::string text{insert.substr(0, begin)};
  text += "SELECT * FROM unnest(";
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i != 0) text += ", ";
    text.append("?::").append(types[i]).append("[]");
  }
  return text += insert.substr(end);
}

}  // namespace relay::store
