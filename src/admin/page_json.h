#pragma once

#include <string>

#include "admin/json_writer.h"
#include "core/page.h"

namespace relay::admin {

// {"data": [...], "has_more": true, "next": "..."}: `next` is what `after` of the next page says,
// null on the last one.
template <typename Row, typename Write>
std::string page_json(const core::Page<Row>& page, Write write_row) {
  JsonWriter json;
  json.begin_object().key("data").begin_list();
  for (const Row& row : page.rows) write_row(json, row);
  json.end().member("has_more", !page.next.empty()).member_or_null("next", page.next).end();
  return json.take();
}

}  // namespace relay::admin
