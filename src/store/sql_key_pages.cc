#include "store/cursor.h"
#include "store/page_end.h"
#include "store/sql_query.h"
#include "store/sql_rows.h"
#include "store/sql_store.h"

namespace relay::store {

using core::ApiKey;
using core::KeyFilter;
using core::KeyOrder;
using core::KeyStatus;

namespace {

// By what the rows of live_keys are sorted, and what lists in this order are called in cursors.
struct Order {
  std::string_view list;
  SqlText column;
};

Order order_of(KeyOrder order) {
  switch (order) {
    case KeyOrder::created: return {"created", "created_at"};
    case KeyOrder::name: return {"name", "folded_name"};
    case KeyOrder::tokens_used: return {"tokens", "tokens_used"};
    case KeyOrder::cost_used: return {"cost", "cost_used"};
    case KeyOrder::last_used: return {"used", "last_used_or_never"};
    case KeyOrder::expires: return {"expires", "ends_at"};
  }
  return {"created", "created_at"};
}

struct SortedKey {
  std::string sorted_by;
  ApiKey key;
};

SortedKey sorted_key_of(const SqlRow& row) {
  return {.sorted_by = std::string{row.text(0)}, .key = key_of(row, 1)};
}

void where_status(SqlQuery& query, KeyStatus status, WallTime now) {
  if (status == KeyStatus::disabled) {
    query.where("NOT is_active");
    return;
  }
  query.where("is_active");
  if (status == KeyStatus::expired) {
    query.where("ends_at <= ?", now);
    return;
  }
  query.where("ends_at > ?", now);
  query.where(status == KeyStatus::exhausted ? SqlText{"is_exhausted"}
                                             : SqlText{"NOT is_exhausted"});
}

void where_matches(SqlQuery& query, const KeyFilter& filter, WallTime now) {
  if (!filter.search.empty()) {
    query.where("searched LIKE ? ESCAPE '\\'", containing(filter.search));
  }
  if (filter.status) where_status(query, *filter.status, now);
  if (!filter.tag.empty()) {
    query.where("id IN (SELECT key_id FROM key_tags WHERE tag = ?)", filter.tag);
  }
  if (!filter.tier.empty()) query.where("rate_limit_tier = ?", filter.tier);
  if (!filter.owner.empty()) query.where("owner = ?", filter.owner);
  if (filter.unused_since) query.where("last_used_or_never < ?", *filter.unused_since);
}

// Continues after the last row of the page before.
Result<void> where_after(SqlQuery& query, const core::PageRequest& page, core::KeySort sort,
                         std::string_view list) {
  if (page.after.empty()) return {};
  query.where(sort.is_descending ? SqlText{"(sorted, id) < "} : SqlText{"(sorted, id) > "});
  if (sort.order == KeyOrder::name) {
    const Result<Cursor> cursor = parse_cursor(page.after, list);
    if (!cursor) return std::unexpected(cursor.error());
    query.add("(?, ?)", cursor->value, cursor->id);
    return {};
  }
  const Result<NumberCursor> cursor = parse_number_cursor(page.after, list);
  if (!cursor) return std::unexpected(cursor.error());
  query.add("(?, ?)", cursor->value, cursor->id);
  return {};
}

}  // namespace

Result<core::Page<ApiKey>> SqlStore::page_of_keys(const KeyFilter& filter, core::KeySort sort,
                                                  const core::PageRequest& page) {
  const Order order = order_of(sort.order);
  const std::string list = std::string{order.list} + (sort.is_descending ? "-" : "~");
  SqlQuery query;
  query.add("SELECT * FROM (SELECT ")
      .add(order.column)
      .add(" AS sorted, * FROM live_keys) AS keys");
  where_matches(query, filter, clock_.wall());
  const Result<void> placed = where_after(query, page, sort, list);
  if (!placed) return std::unexpected(placed.error());
  query.add(sort.is_descending ? SqlText{" ORDER BY sorted DESC, id DESC LIMIT ?"}
                               : SqlText{" ORDER BY sorted, id LIMIT ?"},
            page.rows_max + 1);

  Result<std::vector<SortedKey>> found = rows(sorted_key_of, query);
  if (!found) return std::unexpected(found.error());
  core::Page<SortedKey> cut =
      cut_page(*std::move(found), page.rows_max, [&list](const SortedKey& last) {
        return to_string(
            {.list = list, .value = last.sorted_by, .id = std::to_underlying(last.key.id)});
      });
  core::Page<ApiKey> keys{.rows = {}, .next = std::move(cut.next)};
  for (SortedKey& row : cut.rows) keys.rows.push_back(std::move(row.key));
  return keys;
}

}  // namespace relay::store
