#include <algorithm>
#include <map>

#include "store/ledger_place.h"
#include "store/sql_query.h"
#include "store/sql_sources.h"
#include "store/sql_store.h"
#include "store/sql_sums.h"
#include "store/usage_groups.h"

namespace relay::store {

using core::Bucket;
using core::GroupBy;
using core::KeyId;
using core::UsageQuery;

namespace {

constexpr std::size_t keys_in_query_max = 100;  // More are looked for among what is read.

// What each row of an answer says, as far as the query needs it. Columns that it does not need are
// constants, and are not read.
struct Shape {
  bool has_bucket;
  bool has_key;
  bool has_model;
  bool has_delivery;

  explicit Shape(const UsageQuery& query)
      : has_bucket{query.bucket != Bucket::none},
        has_key{groups_by_key(query) || query.filter.keys.size() > keys_in_query_max},
        has_model{groups_by(query, GroupBy::model)},
        has_delivery{groups_by(query, GroupBy::delivery)} {}

  static bool groups_by(const UsageQuery& query, GroupBy by) {
    return std::ranges::find(query.by, by) != query.by.end();
  }
};

// A remote database adds rows up, because each one that comes from there is dear; SQLite is slower
// when it does than when we do.
void select_sums(SqlQuery& sql, const UsageQuery& query, const SumSource& source, bool is_remote) {
  const Shape shape{query};
  const SqlText bucket = query.bucket == Bucket::quarter ? source.quarter : source.hour;
  sql.add("SELECT ").add(shape.has_bucket ? bucket : SqlText{"0"});
  sql.add(shape.has_key ? SqlText{", key_id"} : SqlText{", 0"});
  sql.add(shape.has_model ? SqlText{", model"} : SqlText{", ''"});
  sql.add(shape.has_delivery ? SqlText{", delivery, "} : SqlText{", 0, "});
  sql.add(is_remote ? source.summed_refused : source.refused).add(", ");
  sql.add(is_remote ? SqlText{summed_columns} : SqlText{sum_columns});
}

// Where rows lie by key, SQLite finds those of a time only if it is given each key to look for. A
// remote database may read them in any order it likes.
bool seeks_keys(const SumSource& source, bool is_remote) {
  return source.is_by_key && !is_remote;
}

void from_part(SqlQuery& sql, const SourcePart& part, bool is_remote) {
  const SumSource& source = *part.source;
  const bool seeks = seeks_keys(source, is_remote);
  sql.add(" FROM ");
  if (seeks) sql.add("(SELECT key_id AS known FROM key_balances) AS known_keys CROSS JOIN ");
  sql.add(source.table);
  if (seeks) sql.where("key_id = known");
  if (source.is_ledger && !is_remote) {
    sql.where("id >= ?", first_place(part.span.from)).where("id < ?", first_place(part.span.to));
    return;
  }
  sql.where(source.time).add(" >= ?", part.span.from);
  sql.where(source.time).add(" < ?", part.span.to);
}

// By what is no constant: a database compares those, too.
void group_rows(SqlQuery& sql, const Shape& shape) {
  bool is_first = true;
  const auto add = [&](bool has_column, SqlText first, SqlText further) {
    if (has_column) sql.add(std::exchange(is_first, false) ? first : further);
  };
  add(shape.has_bucket, " GROUP BY 1", ", 1");
  add(shape.has_key, " GROUP BY 2", ", 2");
  add(shape.has_model, " GROUP BY 3", ", 3");
  add(shape.has_delivery, " GROUP BY 4", ", 4");
  if (is_first) sql.add(" HAVING count(*) > 0");
}

// Its model refers to the row.
UsageRow row_of(const SqlRow& row, const Shape& shape) {
  UsageRow read;
  if (shape.has_bucket) read.time = WallTime{std::chrono::milliseconds{row.integer(0)}};
  if (shape.has_key) read.key = KeyId{row.integer(1)};
  if (shape.has_model) read.model = row.text(2);
  if (shape.has_delivery) read.delivery = static_cast<core::Delivery>(row.integer(3));
  SqlColumns columns{row, 5};
  read.sums = read_sums(columns);
  read.sums.refused = row.integer(4);
  return read;
}

void where_matches(SqlQuery& sql, const core::LedgerFilter& filter, SqlText key) {
  if (!filter.model.empty()) sql.where("model = ?", filter.model);
  if (filter.delivery) sql.where("delivery = ?", *filter.delivery);
  if (!filter.keys.empty() && filter.keys.size() <= keys_in_query_max) {
    sql.where(key).add(" IN ").add_list(filter.keys);
  }
  if (!filter.tag.empty()) {
    sql.where(key).add(" IN (SELECT key_id FROM key_tags WHERE tag = ?)", filter.tag);
  }
  if (!filter.tier.empty()) {
    sql.where(key).add(" IN (SELECT id FROM api_keys WHERE rate_limit_tier = ?)", filter.tier);
  }
}

Result<void> read_part(SqlConnection& connection, const UsageQuery& query, const SourcePart& part,
                       UsageGroups& groups) {
  SqlQuery sql;
  const bool is_remote = connection.is_remote();
  select_sums(sql, query, *part.source, is_remote);
  from_part(sql, part, is_remote);
  const bool seeks = seeks_keys(*part.source, is_remote);
  where_matches(sql, query.filter, seeks ? SqlText{"known"} : SqlText{"key_id"});
  const Shape shape{query};
  if (is_remote) group_rows(sql, shape);
  bool has_room = true;
  return connection.each(sql, [&](const SqlRow& row) {
    if (has_room) has_room = groups.add(row_of(row, shape));
  });
}

Result<KeyBook> read_book(SqlConnection& connection) {
  KeyBook book;
  Result<void> done =
      connection.each("SELECT id, uuid, rate_limit_tier FROM api_keys", [&book](const SqlRow& row) {
        KeyTraits traits;
        KeyId id{};
        SqlColumns{row}.read(id, traits.uuid, traits.tier);
        book.emplace(id, std::move(traits));
      });
  if (done) {
    done = connection.each("SELECT key_id, tag FROM key_tags", [&book](const SqlRow& row) {
      book[KeyId{row.integer(0)}].tags.emplace_back(row.text(1));
    });
  }
  if (!done) return std::unexpected(done.error());
  return book;
}

std::vector<SourcePart> parts_of(const UsageQuery& query) {
  const TimeSpan span{query.filter.from.value_or(beginning_of_time),
                      query.filter.to.value_or(end_of_time)};
  const Shape shape{query};
  const bool asks_for_models =
      shape.has_model || shape.has_delivery || !query.filter.model.empty() || query.filter.delivery;
  Grain grain = asks_for_models ? Grain::day : Grain::day_of_all_models;
  if (query.bucket == Bucket::hour) grain = Grain::hour;
  if (query.bucket == Bucket::quarter) grain = Grain::entry;
  return concerns_keys(query) ? parts_of_keys(span, grain) : parts_of_all_keys(span, grain);
}

}  // namespace

Result<std::vector<core::UsageGroup>> SqlStore::usage(const UsageQuery& query) {
  Result<std::vector<core::UsageGroup>> taken;
  const Result<void> done = read([&](SqlConnection& connection) -> Result<void> {
    const bool has_keys = Shape{query}.has_key;
    Result<KeyBook> book = has_keys ? read_book(connection) : KeyBook{};
    if (!book) return std::unexpected(book.error());
    UsageGroups groups{query, *book, has_keys};
    for (const SourcePart& part : parts_of(query)) {
      const Result<void> added = read_part(connection, query, part, groups);
      if (!added) return added;
    }
    taken = groups.take();
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return taken;
}

Result<std::vector<core::KeyCharge>> SqlStore::charges(WallTime from, WallTime to) {
  std::map<KeyId, core::KeyCharge> by_key;
  const Result<void> done = read([&](SqlConnection& connection) {
    Result<void> all;
    for (const SourcePart& part : parts_of_keys({from, to}, Grain::day_of_all_models)) {
      SqlQuery sql;
      sql.add(
          "SELECT key_id, sum(input + output + cache_write_5m + cache_write_1h + cache_read), "
          "sum(cost)");
      from_part(sql, part, connection.is_remote());
      sql.add(" GROUP BY key_id");
      if (!all) break;
      all = connection.each(sql, [&by_key](const SqlRow& row) {
        core::KeyCharge read;
        SqlColumns{row}.read(read.key, read.tokens, read.cost);
        core::KeyCharge& charge = by_key[read.key];
        charge = {.key = read.key,
                  .tokens = charge.tokens + read.tokens,
                  .cost = charge.cost + read.cost};
      });
    }
    return all;
  });
  if (!done) return std::unexpected(done.error());
  std::vector<core::KeyCharge> charged;
  for (const auto& [key, charge] : by_key) {
    if (charge.tokens != 0 || charge.cost != 0) charged.push_back(charge);
  }
  return charged;
}

}  // namespace relay::store
