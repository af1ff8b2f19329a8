// The ledger, newest first. An index finds few rows among many; where there is none, or what is
// asked for is common, the ledger is walked back in time until the page is full.
#include <optional>

#include "store/cursor.h"
#include "store/ledger_filter.h"
#include "store/ledger_narrowing.h"
#include "store/page_end.h"
#include "store/sql_query.h"
#include "store/sql_rows.h"
#include "store/sql_store.h"

namespace relay::store {

using core::LedgerFilter;
using core::LedgerRow;

namespace {

constexpr std::string_view list = "ledger";

constexpr auto select_columns = joined("SELECT ", ledger_columns);

// Those that find fewer as a rule come first.
std::vector<Narrowing> narrowings_of(const LedgerFilter& filter) {
  std::vector<Narrowing> all;
  const auto add = [&all](bool is_asked, bool is_in_order, auto find) {
    if (is_asked) all.push_back({.find = find, .is_in_order = is_in_order});
  };
  add(!filter.request.empty(), false, [](SqlQuery& query, const LedgerFilter& asked) {
    query.where("(request = ? OR upstream_request = ? AND upstream_request <> '')", asked.request,
                asked.request);
  });
  // Only by these very words the partial index is found.
  add(asks_for_unusual(filter), true, [](SqlQuery& query, const LedgerFilter&) {
    query.where("(delivery <> 0 OR status NOT BETWEEN 200 AND 299 OR is_estimated OR is_unpriced)");
  });
  add(!filter.keys.empty(), filter.keys.size() == 1,
      [](SqlQuery& query, const LedgerFilter& asked) {
        query.where("key_id IN ").add_list(asked.keys);
      });
  add(!filter.tag.empty(), false, [](SqlQuery& query, const LedgerFilter& asked) {
    query.where("key_id IN (SELECT key_id FROM key_tags WHERE tag = ?)", asked.tag);
  });
  add(!filter.tier.empty(), false, [](SqlQuery& query, const LedgerFilter& asked) {
    query.where("key_id IN (SELECT id FROM api_keys WHERE rate_limit_tier = ?)", asked.tier);
  });
  add(!filter.model.empty(), true, [](SqlQuery& query, const LedgerFilter& asked) {
    query.where("CASE WHEN served_model = '' THEN model ELSE served_model END = ?", asked.model);
  });
  add(filter.cost_min.has_value(), false, [](SqlQuery& query, const LedgerFilter& asked) {
    query.where("cost >= ?", *asked.cost_min);
  });
  return all;
}

// How many entries it finds, as far as `enough`.
Result<std::int64_t> count_found(SqlConnection& connection, const LedgerFilter& filter,
                                 const Narrowing& narrowing, std::int64_t enough) {
  SqlQuery query;
  query.add("SELECT count(*) FROM (SELECT 1 FROM ledger");
  narrowing.find(query, filter);
  if (narrowing.is_in_order && filter.from) query.where("started >= ?", *filter.from);
  if (narrowing.is_in_order && filter.to) query.where("started < ?", *filter.to);
  query.add(" LIMIT ?) AS entries", enough);
  return counted(connection, query);
}

// In the order of an index by time, or sorted.
SqlQuery page_query(const LedgerFilter& filter, const std::optional<Narrowing>& narrowing,
                    const std::optional<NumberCursor>& after, std::size_t rows) {
  const bool is_in_order = !narrowing || narrowing->is_in_order;
  const auto time = [is_in_order](SqlText plain, SqlText sorted) {
    return is_in_order ? plain : sorted;
  };
  SqlQuery query;
  query.add(select_columns).add(" FROM (SELECT * FROM ledger");
  if (narrowing) narrowing->find(query, filter);
  where_matches(query, filter);
  if (filter.from) query.where(time("started >= ?", "+started >= ?"), *filter.from);
  if (filter.to) query.where(time("started < ?", "+started < ?"), *filter.to);
  if (after) {
    query.where(time("(started, id) < (?, ?)", "(+started, id) < (?, ?)"), after->value, after->id);
  }
  query.add(
      time(" ORDER BY started DESC, id DESC LIMIT ?", " ORDER BY +started DESC, id DESC LIMIT ?"),
      rows);
  query.add(
      ") AS entry LEFT JOIN api_keys ON api_keys.id = key_id "
      "ORDER BY started DESC, entry.id DESC");
  return query;
}

}  // namespace

Result<std::vector<LedgerRow>> SqlStore::newest_entries(SqlConnection& connection,
                                                        const LedgerFilter& filter,
                                                        const std::optional<NumberCursor>& after,
                                                        std::size_t rows) {
  const auto count = [&](const Narrowing& narrowing, std::int64_t enough) {
    return count_found(connection, filter, narrowing, enough);
  };
  const Result<std::optional<Narrowing>> narrowing = narrowest(narrowings_of(filter), count);
  if (!narrowing) return std::unexpected(narrowing.error());
  std::vector<LedgerRow> found;
  const Result<void> done =
      connection.each(page_query(filter, *narrowing, after, rows),
                      [&found](const SqlRow& row) { found.push_back(ledger_row_of(row)); });
  if (!done) return std::unexpected(done.error());
  return found;
}

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
    Result<std::vector<LedgerRow>> rows =
        newest_entries(connection, filter, after, page.rows_max + 1);
    if (!rows) return std::unexpected(rows.error());
    found = *std::move(rows);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return cut_page(std::move(found), page.rows_max, [](const LedgerRow& last) {
    const std::int64_t started = last.entry.started.time_since_epoch().count();
    return to_string({.list = std::string{list}, .value = std::to_string(started), .id = last.id});
  });
}

}  // namespace relay::store
