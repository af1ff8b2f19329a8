#pragma once

#include <utility>
#include <vector>

#include "core/page.h"

namespace relay::store {

// Makes a page of rows that were asked for with one more than it may hold: if that one is there,
// the page ends with a cursor, which `cursor_of` makes of its last row.
template <typename Row, typename CursorOf>
core::Page<Row> cut_page(std::vector<Row> rows, std::size_t rows_max, CursorOf cursor_of) {
  core::Page<Row> page{.rows = std::move(rows), .next = {}};
  if (page.rows.size() <= rows_max) return page;
  page.rows.erase(page.rows.begin() + static_cast<std::ptrdiff_t>(rows_max), page.rows.end());
  if (!page.rows.empty()) page.next = cursor_of(page.rows.back());
  return page;
}

}  // namespace relay::store
