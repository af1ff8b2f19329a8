#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace relay::core {

// Which part of a long list is asked for. The list is not numbered: a cursor says after which row
// the page begins, so that rows that come meanwhile neither shift nor repeat anything.
struct PageRequest {
  std::string after;  // The `next` of the page before, opaque; empty: the first page.
  std::size_t rows_max = 50;
};

template <class Row>
struct Page {
  std::vector<Row> rows;
  std::string next;  // Empty: this was the last page.
};

}  // namespace relay::core
