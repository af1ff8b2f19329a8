#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relay::store {

// Where a page ended: the value by which the list is sorted, and the id that tells equal ones
// apart. People see it as a text that says nothing to them and fits into a URL as it is.
struct Cursor {
  std::string list;   // Which list, in which order: a cursor of another one is refused.
  std::string value;  // Empty if the id says it all.
  std::int64_t id = 0;
};

std::string to_string(const Cursor& cursor);

// invalid_request: not a cursor of this list.
Result<Cursor> parse_cursor(std::string_view text, std::string_view list);

// The same for a list that is sorted by a number. invalid_request likewise.
struct NumberCursor {
  std::int64_t value = 0;
  std::int64_t id = 0;
};
Result<NumberCursor> parse_number_cursor(std::string_view text, std::string_view list);

}  // namespace relay::store
