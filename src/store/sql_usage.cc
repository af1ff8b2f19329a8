#include <algorithm>
#include <unordered_map>

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

bool groups_by(const UsageQuery& query, GroupBy by) {
  return std::ranges::find(query.by, by) != query.by.end();
}

SqlText bucket_column(const SumSource& source, Bucket bucket) {
  switch (bucket) {
    case Bucket::none: return "0";
    case Bucket::hour: return source.hour;
    case Bucket::quarter: return source.quarter;
  }
  return "0";
}

// What read_row() reads. A remote database adds rows up, because each one that comes from there is
// dear; SQLite is slower when it does than when we do.
void select_rows(SqlQuery& sql, const UsageQuery& query, const SumSource& source, bool is_remote) {
  sql.add("SELECT ").add(bucket_column(source, query.bucket));
  sql.add(needs_keys(query) ? SqlText{", key_id"} : SqlText{", 0"});
  sql.add(groups_by(query, GroupBy::model) ? SqlText{", model"} : SqlText{", ''"});
  sql.add(groups_by(query, GroupBy::delivery) ? SqlText{", delivery, "} : SqlText{", 0, "});
  sql.add(is_remote ? SqlText{"sum(CASE WHEN delivery = 3 THEN requests ELSE 0 END), "}
                    : SqlText{"CASE WHEN delivery = 3 THEN requests ELSE 0 END, "});
  sql.add(is_remote ? SqlText{summed_columns} : SqlText{sum_columns});
  sql.add(" FROM ").add(source.table);
}

UsageRow row_of(const SqlRow& row, std::string& model) {
  UsageRow read;
  std::int64_t refused = 0;
  SqlColumns columns{row};
  columns.read(read.time, read.key, model, read.delivery, refused);
  read.model = model;
  read.sums = read_sums(columns);
  read.sums.refused = refused;
  return read;
}

Result<void> read_part(SqlConnection& connection, const UsageQuery& query, const SourcePart& part,
                       UsageGroups& groups) {
  const core::LedgerFilter& filter = query.filter;
  SqlQuery sql;
  select_rows(sql, query, *part.source, connection.is_remote());
  sql.where(part.source->time).add(" >= ?", part.span.from);
  sql.where(part.source->time).add(" < ?", part.span.to);
  if (!filter.model.empty()) sql.where("model = ?", filter.model);
  if (filter.delivery) sql.where("delivery = ?", *filter.delivery);
  if (!filter.keys.empty() && filter.keys.size() <= keys_in_query_max) {
    sql.where("key_id IN ").add_list(filter.keys);
  }
  if (connection.is_remote()) sql.add(" GROUP BY 1, 2, 3, 4");
  bool has_room = true;
  std::string model;
  return connection.each(sql, [&](const SqlRow& row) {
    if (has_room) has_room = groups.add(row_of(row, model));
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
  Grain grain = Grain::day;
  if (query.bucket == Bucket::hour) grain = Grain::hour;
  if (query.bucket == Bucket::quarter) grain = Grain::entry;
  return needs_keys(query) ? parts_of_keys(span, grain) : parts_of_all_keys(span, grain);
}

}  // namespace

Result<std::vector<core::UsageGroup>> SqlStore::usage(const UsageQuery& query) {
  Result<std::vector<core::UsageGroup>> taken;
  const Result<void> done = read([&](SqlConnection& connection) -> Result<void> {
    Result<KeyBook> book = needs_keys(query) ? read_book(connection) : KeyBook{};
    if (!book) return std::unexpected(book.error());
    UsageGroups groups{query, *book};
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
    for (const SourcePart& part : parts_of_keys({from, to}, Grain::day)) {
      SqlQuery sql;
      sql.add(
          "SELECT key_id, sum(input + output + cache_write_5m + cache_write_1h + cache_read), "
          "sum(cost) FROM ");
      sql.add(part.source->table);
      sql.where(part.source->time).add(" >= ?", part.span.from);
      sql.where(part.source->time).add(" < ?", part.span.to);
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
