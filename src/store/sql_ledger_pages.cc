// The ledger, newest first. An index finds few rows among many; where there is none, or what is
// asked for is common, the ledger is walked back in time until the page is full.
#include <optional>

#include "base/limits.h"
#include "store/cursor.h"
#include "store/page_end.h"
#include "store/sql_query.h"
#include "store/sql_rows.h"
#include "store/sql_store.h"

namespace relay::store {

using core::Delivery;
using core::LedgerFilter;
using core::LedgerRow;

namespace {

constexpr std::string_view list = "ledger";

constexpr auto select_columns = joined("SELECT ", ledger_columns);

// Only by these very words is the partial index of this name found.
constexpr SqlText is_unusual =
    "(delivery <> 0 OR status NOT BETWEEN 200 AND 299 OR is_estimated OR is_unpriced)";

bool asks_for_unusual(const LedgerFilter& filter) {
  return (filter.delivery && *filter.delivery != Delivery::complete) ||
         (filter.status_class && *filter.status_class != 2) || filter.is_estimated == true ||
         filter.is_unpriced == true;
}

void where_time(SqlQuery& query, const LedgerFilter& filter) {
  if (filter.from) query.where("started >= ?", *filter.from);
  if (filter.to) query.where("started < ?", *filter.to);
}

// A condition that an index serves. It is put into a query alone, so that it is this index that is
// used.
using Condition = void (*)(SqlQuery& query, const LedgerFilter& filter);

std::vector<Condition> indexed_conditions(const LedgerFilter& filter) {
  std::vector<Condition> conditions;
  if (!filter.request.empty()) {
    conditions.push_back([](SqlQuery& query, const LedgerFilter& asked) {
      query.where("(request = ? OR upstream_request = ? AND upstream_request <> '')", asked.request,
                  asked.request);
    });
  }
  if (!filter.keys.empty()) {
    conditions.push_back([](SqlQuery& query, const LedgerFilter& asked) {
      query.where("key_id IN ").add_list(asked.keys);
      where_time(query, asked);
    });
  }
  if (!filter.tag.empty()) {
    conditions.push_back([](SqlQuery& query, const LedgerFilter& asked) {
      query.where("key_id IN (SELECT key_id FROM key_tags WHERE tag = ?)", asked.tag);
      where_time(query, asked);
    });
  }
  if (!filter.tier.empty()) {
    conditions.push_back([](SqlQuery& query, const LedgerFilter& asked) {
      query.where("key_id IN (SELECT id FROM api_keys WHERE rate_limit_tier = ?)", asked.tier);
      where_time(query, asked);
    });
  }
  if (!filter.model.empty()) {
    conditions.push_back([](SqlQuery& query, const LedgerFilter& asked) {
      query.where("CASE WHEN served_model = '' THEN model ELSE served_model END = ?", asked.model);
      where_time(query, asked);
    });
  }
  if (asks_for_unusual(filter)) {
    conditions.push_back([](SqlQuery& query, const LedgerFilter& asked) {
      query.where(is_unusual);
      where_time(query, asked);
    });
  }
  if (filter.cost_min) {
    conditions.push_back([](SqlQuery& query, const LedgerFilter& asked) {
      query.where("cost >= ?", *asked.cost_min);
    });
  }
  return conditions;
}

// The one that finds the fewest entries, if any finds but few.
Result<std::optional<Condition>> narrowest(SqlConnection& connection, const LedgerFilter& filter) {
  std::optional<Condition> found;
  std::int64_t fewest = limits::ledger_narrow_entries_max + 1;
  for (const Condition condition : indexed_conditions(filter)) {
    SqlQuery query;
    query.add("SELECT count(*) FROM (SELECT 1 FROM ledger");
    condition(query, filter);
    query.add(" LIMIT ?) AS entries", fewest);
    std::int64_t count = 0;
    const Result<void> counted =
        connection.each(query, [&count](const SqlRow& row) { count = row.integer(0); });
    if (!counted) return std::unexpected(counted.error());
    if (count < fewest) {
      fewest = count;
      found = condition;
    }
  }
  return found;
}

// Everything that is asked for. A `+` keeps an index from being used that would find too much.
void where_all(SqlQuery& query, const LedgerFilter& filter) {
  where_time(query, filter);
  if (filter.keys.size() == 1) query.where("key_id = ?", filter.keys.front());
  if (filter.keys.size() > 1) query.where("+key_id IN ").add_list(filter.keys);
  if (!filter.tag.empty()) {
    query.where("+key_id IN (SELECT key_id FROM key_tags WHERE tag = ?)", filter.tag);
  }
  if (!filter.tier.empty()) {
    query.where("+key_id IN (SELECT id FROM api_keys WHERE rate_limit_tier = ?)", filter.tier);
  }
  if (!filter.model.empty()) {
    query.where("CASE WHEN served_model = '' THEN model ELSE served_model END = ?", filter.model);
  }
  if (asks_for_unusual(filter)) query.where(is_unusual);
  if (filter.delivery) query.where("delivery = ?", *filter.delivery);
  if (filter.endpoint) query.where("endpoint = ?", *filter.endpoint);
  if (filter.status_class) {
    query.where("status BETWEEN ? AND ?", *filter.status_class * 100,
                *filter.status_class * 100 + 99);
  }
  if (filter.is_stream) query.where("is_stream = ?", *filter.is_stream);
  if (filter.is_estimated) query.where("is_estimated = ?", *filter.is_estimated);
  if (filter.is_unpriced) query.where("is_unpriced = ?", *filter.is_unpriced);
  if (filter.cost_min) query.where("+cost >= ?", *filter.cost_min);
  if (filter.duration_ms_min) query.where("duration_ms >= ?", *filter.duration_ms_min);
  if (filter.client) query.where("client = ?", filter.client->bytes);
  if (!filter.request.empty()) {
    query.where("(request = ? OR upstream_request = ?)", filter.request, filter.request);
  }
}

SqlQuery page_query(const LedgerFilter& filter, std::optional<Condition> narrow,
                    std::optional<NumberCursor> after, std::size_t rows) {
  SqlQuery query;
  if (narrow) {
    query.begin("WITH few AS MATERIALIZED (SELECT * FROM ledger");
    (*narrow)(query, filter);
    query.add(") ");
  }
  query.add(select_columns);
  query.begin(narrow ? SqlText{" FROM (SELECT * FROM few"}
                     : SqlText{" FROM (SELECT * FROM ledger"});
  where_all(query, filter);
  if (after) query.where("(started, id) < (?, ?)", after->value, after->id);
  query.add(" ORDER BY started DESC, id DESC LIMIT ?", rows);
  query.add(
      ") AS entry LEFT JOIN api_keys ON api_keys.id = key_id "
      "ORDER BY started DESC, entry.id DESC");
  return query;
}

}  // namespace

Result<core::Page<LedgerRow>> SqlStore::page_of_ledger(const LedgerFilter& filter,
                                                       const core::PageRequest& page) {
  std::optional<NumberCursor> after;
  if (!page.after.empty()) {
    const Result<NumberCursor> cursor = parse_number_cursor(page.after, list);
    if (!cursor) return std::unexpected(cursor.error());
    after = *cursor;
  }
  std::vector<LedgerRow> found;
  const Result<void> done = read([&](SqlConnection& connection) -> Result<void> {
    const Result<std::optional<Condition>> narrow = narrowest(connection, filter);
    if (!narrow) return std::unexpected(narrow.error());
    const SqlQuery query = page_query(filter, *narrow, after, page.rows_max + 1);
    return connection.each(query,
                           [&found](const SqlRow& row) { found.push_back(ledger_row_of(row)); });
  });
  if (!done) return std::unexpected(done.error());
  return cut_page(std::move(found), page.rows_max, [](const LedgerRow& last) {
    const std::int64_t started = last.entry.started.time_since_epoch().count();
    return to_string({.list = std::string{list}, .value = std::to_string(started), .id = last.id});
  });
}

}  // namespace relay::store
