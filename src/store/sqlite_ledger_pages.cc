// The ledger, newest first, as it lies in SQLite: by time. What is asked for may be known to be in
// some moments only, which are looked through from the newest on; else all of the ledger is, until
// the page is full.
#include <algorithm>
#include <functional>
#include <limits>

#include "base/limits.h"
#include "store/ledger_clues.h"
#include "store/ledger_filter.h"
#include "store/ledger_narrowing.h"
#include "store/sql_rows.h"
#include "store/sqlite_store.h"

namespace relay::store {

using core::LedgerFilter;
using core::LedgerRow;

namespace {

constexpr auto select_columns = joined("SELECT ", ledger_columns);

// Places from `first` to before `end`.
struct Span {
  Place first;
  Place end;
};

Span span_of(const LedgerFilter& filter, const std::optional<NumberCursor>& after) {
  Span span{.first = filter.from ? first_place(*filter.from) : std::numeric_limits<Place>::min(),
            .end = filter.to ? first_place(*filter.to) : std::numeric_limits<Place>::max()};
  if (after) span.end = std::min(span.end, after->id);
  return span;
}

// The indexes that say in which moments there are entries of what is asked for. Those of one value
// have their moments in order.
std::vector<Narrowing> narrowings_of(const LedgerFilter& filter) {
  std::vector<Narrowing> all;
  const auto add = [&all](bool is_asked, bool is_in_order, auto find) {
    if (is_asked) all.push_back({.find = find, .is_in_order = is_in_order});
  };
  add(asks_for_unusual(filter), true,
      [](SqlQuery& query, const LedgerFilter&) { query.add("ledger_unusual"); });
  add(!filter.keys.empty(), filter.keys.size() == 1,
      [](SqlQuery& query, const LedgerFilter& asked) {
        query.add("ledger_by_key").where("key_id IN ").add_list(asked.keys);
      });
  add(!filter.tag.empty(), false, [](SqlQuery& query, const LedgerFilter& asked) {
    query.add("ledger_by_key")
        .where("key_id IN (SELECT key_id FROM key_tags WHERE tag = ?)", asked.tag);
  });
  add(!filter.tier.empty(), false, [](SqlQuery& query, const LedgerFilter& asked) {
    query.add("ledger_by_key")
        .where("key_id IN (SELECT id FROM api_keys WHERE rate_limit_tier = ?)", asked.tier);
  });
  add(!filter.model.empty(), true, [](SqlQuery& query, const LedgerFilter& asked) {
    query.add("ledger_by_model").where("model = ?", asked.model);
  });
  add(filter.cost_min.has_value(), false, [](SqlQuery& query, const LedgerFilter& asked) {
    query.add("ledger_by_cost").where("class >= ?", cost_class(*asked.cost_min));
  });
  return all;
}

void where_in(SqlQuery& query, Moment lowest, Moment highest) {
  query.where("moment >= ?", lowest).where("moment <= ?", highest);
}

// How many moments it finds, as far as `enough`.
Result<std::int64_t> count_moments(SqlConnection& connection, const LedgerFilter& filter,
                                   const Narrowing& narrowing, const Span& span,
                                   std::int64_t enough) {
  SqlQuery query;
  query.add("SELECT count(*) FROM (SELECT 1 FROM ");
  narrowing.find(query, filter);
  where_in(query, moment_of(span.first), moment_of(span.end - 1));
  query.add(" LIMIT ?)", enough);
  return counted(connection, query);
}

// All moments of an index from one to another, and how many they are.
struct Moments {
  Moment highest = 0;
  Moment lowest = 0;
  std::size_t count = 0;
};

// Takes a page out of what is asked for, which comes newest first.
class Reader {
 public:
  Reader(SqlConnection& connection, const LedgerFilter& filter, const Span& all, std::size_t rows)
      : connection_{connection}, filter_{filter}, all_{all}, rows_{rows} {}

  [[nodiscard]] bool is_done() const noexcept { return found_.size() >= rows_; }
  [[nodiscard]] std::vector<LedgerRow> take() noexcept { return std::move(found_); }

  // All that is asked for, from the end on.
  Result<void> read_all() {
    SqlQuery query = begin_query();
    query.add("ledger").where("id >= ?", all_.first).where("id < ?", all_.end);
    return end_query(query, " ORDER BY id DESC LIMIT ?");
  }

  // Of all that, what is in these spans.
  Result<void> read(std::span<const Span> spans) {
    SqlQuery query = begin_query();
    bool is_first = true;
    for (const Span& span : spans) {
      query.add(std::exchange(is_first, false) ? SqlText{"(VALUES (?, ?)"} : SqlText{", (?, ?)"},
                std::max(span.first, all_.first), std::min(span.end, all_.end));
    }
    query.add(") AS span CROSS JOIN ledger");
    query.where("ledger.id >= column1").where("ledger.id < column2");
    return end_query(query, " ORDER BY ledger.id DESC LIMIT ?");
  }

  // What is in moments that an index with one value has in order.
  Result<void> read_in_order(const Narrowing& narrowing) {
    SqlQuery query = begin_query();
    query.add("(SELECT moment FROM ");
    narrowing.find(query, filter_);
    where_in(query, moment_of(all_.first), moment_of(all_.end - 1));
    end_moments(query);
    return end_query(query, " ORDER BY moment DESC, ledger.id DESC LIMIT ?");
  }

  // What is in some moments of an index, in which each may be more than once.
  Result<void> read_sorted(const Narrowing& narrowing, const Moments& moments) {
    SqlQuery query = begin_query();
    query.add("(SELECT DISTINCT moment FROM ");
    narrowing.find(query, filter_);
    where_in(query, moments.lowest, moments.highest);
    end_moments(query);
    return end_query(query, " ORDER BY ledger.id DESC LIMIT ?");
  }

 private:
  static SqlQuery begin_query() {
    SqlQuery query;
    query.add(select_columns).add(" FROM (SELECT ledger.* FROM ");
    return query;
  }

  // Of the two ends, those of the moment are to be looked for.
  void end_moments(SqlQuery& query) const {
    query.add(") AS found CROSS JOIN ledger WHERE ledger.id >= moment << 27 ");
    query.add("AND ledger.id < (moment + 1) << 27 AND +ledger.id >= ?", all_.first);
    query.add(" AND +ledger.id < ?", all_.end);
  }

  Result<void> end_query(SqlQuery& query, SqlText in_order) {
    if (!filter_.request.empty()) {
      query.where("(request = ? OR upstream_request = ?)", filter_.request, filter_.request);
    }
    where_matches(query, filter_);
    query.add(in_order, rows_ - found_.size());
    query.add(
        ") AS entry LEFT JOIN api_keys ON api_keys.id = key_id "
        "ORDER BY entry.id DESC");
    return connection_.each(query,
                            [this](const SqlRow& row) { found_.push_back(ledger_row_of(row)); });
  }

  SqlConnection& connection_;
  const LedgerFilter& filter_;
  const Span all_;
  const std::size_t rows_;
  std::vector<LedgerRow> found_;
};

// The highest ones that are not above `highest`.
Result<Moments> next_moments(SqlConnection& connection, const LedgerFilter& filter,
                             const Narrowing& narrowing, Moment lowest, Moment highest,
                             std::size_t count) {
  SqlQuery query;
  query.add("SELECT min(moment), count(*) FROM (SELECT DISTINCT moment FROM ");
  narrowing.find(query, filter);
  where_in(query, lowest, highest);
  query.add(" ORDER BY moment DESC LIMIT ?)", count);
  Moments moments{.highest = highest};
  const Result<void> done = connection.each(query, [&moments](const SqlRow& row) {
    moments.lowest = row.integer(0);
    moments.count = static_cast<std::size_t>(row.integer(1));
  });
  if (!done) return std::unexpected(done.error());
  return moments;
}

Result<void> read_moments(SqlConnection& connection, const LedgerFilter& filter,
                          const Narrowing& narrowing, const Span& all, Reader& reader) {
  if (narrowing.is_in_order) return reader.read_in_order(narrowing);
  const Moment lowest = moment_of(all.first);
  Moment highest = moment_of(all.end - 1);
  std::size_t wanted = 8;  // There may be many entries in each.
  while (!reader.is_done()) {
    const auto moments = next_moments(connection, filter, narrowing, lowest, highest, wanted);
    if (!moments) return std::unexpected(moments.error());
    if (moments->count == 0) break;
    Result<void> read = reader.read_sorted(narrowing, *moments);
    if (!read) return read;
    if (moments->count < wanted) break;
    highest = moments->lowest - 1;
    wanted *= 4;
  }
  return {};
}

constexpr std::size_t spans_at_once = 64;

// The milliseconds to which clues to the request point, newest first.
Result<std::vector<Span>> find_request(SqlConnection& connection, std::string_view request,
                                       const Span& all) {
  std::vector<Place> clues;
  std::vector<std::uint8_t> bytes;
  const Result<void> searched = connection.each(
      "SELECT length(clues), clues FROM ledger_requests WHERE newest > ?",
      [&](const SqlRow& row) {
        bytes.resize(static_cast<std::size_t>(row.integer(0)));
        row.copy_blob(1, bytes);
        find_clues(bytes, request, clues);
      },
      all.first);
  if (!searched) return std::unexpected(searched.error());
  std::ranges::sort(clues, std::greater{});
  std::vector<Span> spans;
  for (const Place clue : clues) {
    const Span span{.first = begin_of_millisecond(clue), .end = end_of_millisecond(clue)};
    const bool is_there = !spans.empty() && spans.back().first == span.first;
    if (!is_there && span.end > all.first && span.first < all.end) spans.push_back(span);
  }
  return spans;
}

Result<void> read_request(SqlConnection& connection, const LedgerFilter& filter, const Span& all,
                          Reader& reader) {
  const Result<std::vector<Span>> found = find_request(connection, filter.request, all);
  if (!found) return std::unexpected(found.error());
  std::span<const Span> rest{*found};
  while (!rest.empty() && !reader.is_done()) {
    const std::size_t spans = std::min(rest.size(), spans_at_once);
    Result<void> read = reader.read(rest.first(spans));
    if (!read) return read;
    rest = rest.subspan(spans);
  }
  return {};
}

Result<void> read_newest(SqlConnection& connection, const LedgerFilter& filter, const Span& all,
                         Reader& reader) {
  if (!filter.request.empty()) return read_request(connection, filter, all, reader);
  const auto count = [&](const Narrowing& narrowing, std::int64_t enough) {
    return count_moments(connection, filter, narrowing, all, enough);
  };
  const Result<std::optional<Narrowing>> narrowing = narrowest(narrowings_of(filter), count);
  if (!narrowing) return std::unexpected(narrowing.error());
  if (*narrowing) return read_moments(connection, filter, **narrowing, all, reader);
  return reader.read_all();
}

}  // namespace

Result<std::vector<LedgerRow>> SqliteStore::newest_entries(SqlConnection& connection,
                                                           const LedgerFilter& filter,
                                                           const std::optional<NumberCursor>& after,
                                                           std::size_t rows) {
  const Span all = span_of(filter, after);
  if (all.first >= all.end) return std::vector<LedgerRow>{};
  Reader reader{connection, filter, all, rows};
  const Result<void> done = read_newest(connection, filter, all, reader);
  if (!done) return std::unexpected(done.error());
  return reader.take();
}

}  // namespace relay::store
