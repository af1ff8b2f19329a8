#include "store/sqlite_batch.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "store/ledger_clues.h"
#include "store/sql_ledger.h"
#include "store/store_error.h"

namespace relay::store {

using core::AttemptId;
using core::LedgerEntry;

namespace {

// ROLLBACK: what cannot be, undoes all. Else SQLite would keep a copy of each page, so as to undo
// this statement alone.
constexpr SqlText insert_rows =
    "INSERT OR ROLLBACK INTO main.ledger_rows SELECT * FROM image.ledger_rows";

// What takes a few bits each, in one column.
std::int64_t facts_of(const LedgerEntry& entry, const Charge& charge) noexcept {
  std::int64_t facts = entry.status;
  int at = 16;
  const auto add = [&](auto value, int bits) {
    facts |= static_cast<std::int64_t>(value) << at;
    at += bits;
  };
  add(entry.attempts, 8);
  add(entry.endpoint, 4);
  add(entry.delivery, 4);
  add(entry.terms.tier, 4);
  add(entry.terms.geo, 4);
  add(entry.is_stream, 1);
  add(charge.usage.is_estimated, 1);
  add(charge.is_unpriced, 1);
  add(entry.terms.is_fast, 1);
  return facts;
}

// The columns of ledger_rows.
void make_record(const LedgerEntry& entry, SqliteRecord& record) noexcept {
  const Charge charge = charge_of(entry);
  const core::Usage& usage = charge.usage;
  record.clear();
  record.add_id();
  record.add(entry.attempt.bytes);
  record.add(entry.request.view());
  for (const std::int64_t number :
       {std::to_underlying(entry.key), facts_of(entry, charge), std::int64_t{entry.first_byte_ms},
        std::int64_t{entry.duration_ms}, entry.held, usage.input, usage.output,
        usage.cache_write_5m, usage.cache_write_1h, usage.cache_read,
        std::int64_t{usage.web_searches}, charge.cost, std::int64_t{entry.price_version}}) {
    record.add(number);
  }
  record.add(entry.client.bytes);
  record.add(entry.model.view());
  record.add(entry.served_model.view());
  record.add(entry.upstream.view());
  record.add(entry.upstream_request.view());
}

// So many of a millisecond are looked through; the others are in an index.
constexpr Place crowd = 64;

bool is_in_crowd(Place place) noexcept {
  return place - begin_of_millisecond(place) >= crowd;
}

constexpr SqlText insert_key = "INSERT OR IGNORE INTO ledger_by_key VALUES (?, ?)";
constexpr SqlText insert_model = "INSERT OR IGNORE INTO ledger_by_model VALUES (?, ?)";
constexpr SqlText insert_cost = "INSERT OR IGNORE INTO ledger_by_cost VALUES (?, ?)";
constexpr SqlText insert_attempt = "INSERT INTO ledger_by_attempt VALUES (?, ?)";
constexpr SqlText insert_unusual = "INSERT OR IGNORE INTO ledger_unusual VALUES (?)";

bool is_unusual(const LedgerEntry& entry) noexcept {
  const Charge charge = charge_of(entry);
  return entry.delivery != core::Delivery::complete || entry.status < 200 || entry.status > 299 ||
         charge.usage.is_estimated || charge.is_unpriced;
}

void sort_and_unite(auto& list) {
  std::ranges::sort(list);
  const auto repeated = std::ranges::unique(list);
  list.erase(repeated.begin(), repeated.end());
}

// Neighbours are often the same.
void note(auto& list, const auto& item) {
  if (list.empty() || list.back() != item) list.push_back(item);
}

}  // namespace

Result<void> find_recorded(SqlConnection& connection, Place time, std::span<const AttemptId> wanted,
                           std::vector<AttemptId>& recorded) {
  AttemptId attempt;
  bool is_crowded = false;
  Result<void> done = connection.each(
      "SELECT attempt, id FROM ledger_rows WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
      [&](const SqlRow& row) {
        row.copy_blob(0, attempt.bytes);
        if (std::ranges::binary_search(wanted, attempt)) recorded.push_back(attempt);
        is_crowded = row.integer(1) - time + 1 >= crowd;
      },
      time, end_of_millisecond(time), crowd);
  if (!is_crowded) return done;
  for (const AttemptId& one : wanted) {
    if (!done) break;
    done = connection.each(
        "SELECT 1 FROM ledger_by_attempt WHERE millisecond = ? AND attempt = ?",
        [&](const SqlRow&) { recorded.push_back(one); }, time, one.bytes);
  }
  return done;
}

// In the order in which they came, so that what was written later lies later.
Result<void> SqliteBatch::place(SqlConnection& connection, std::span<const LedgerEntry> entries) {
  by_time_.clear();
  placed_.clear();
  for (const LedgerEntry& entry : entries) {
    by_time_.push_back({.place = first_place(entry.started), .entry = &entry});
  }
  std::ranges::sort(by_time_, {}, [](const Placed& one) {
    return std::pair{one.place, one.entry};
  });
  Place newest = 0;
  Result<void> done = connection.each("SELECT max(id) FROM ledger_rows",
                                      [&](const SqlRow& row) { newest = row.integer(0); });
  for (std::span<const Placed> rest = by_time_; done && !rest.empty();) {
    const auto end = std::ranges::upper_bound(rest, rest.front().place, {}, &Placed::place);
    const auto those = rest.first(static_cast<std::size_t>(end - rest.begin()));
    done = place_those_of_one_time(connection, those, those.front().place <= newest);
    rest = rest.subspan(those.size());
  }
  return done;
}

Result<void> SqliteBatch::place_those_of_one_time(SqlConnection& connection,
                                                  std::span<const Placed> those,
                                                  bool may_be_recorded) {
  const Place time = those.front().place;
  attempts_.clear();
  recorded_.clear();
  for (const Placed& one : those) attempts_.push_back(one.entry->attempt);
  std::ranges::sort(attempts_);
  Place next = time;
  if (may_be_recorded) {
    Result<void> done = find_recorded(connection, time, attempts_, recorded_);
    if (done) {
      done = connection.each(
          "SELECT id + 1 FROM ledger_rows WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1",
          [&](const SqlRow& row) { next = row.integer(0); }, time, end_of_millisecond(time));
    }
    if (!done) return done;
  }
  std::set<AttemptId> passed{recorded_.begin(), recorded_.end()};
  const bool has_twins = std::ranges::adjacent_find(attempts_) != attempts_.end();
  for (const Placed& one : those) {
    if (!passed.empty() && passed.contains(one.entry->attempt)) continue;
    if (has_twins) passed.insert(one.entry->attempt);
    if (next == end_of_millisecond(time)) {
      return failure(ErrorCode::internal, "too many entries of one millisecond");
    }
    placed_.push_back({.place = next++, .entry = one.entry});
  }
  return {};
}

Result<void> SqliteBatch::attach(SqliteConnection& connection) {
  return rows_.attach(connection, "ledger_rows", limits::ledger_batch_entries_max);
}

Result<void> SqliteBatch::make_rows(SqliteConnection& connection) {
  Result<void> begun = rows_.begin(connection, placed_.size());
  if (!begun) return begun;
  SqliteRecord record;
  for (const Placed& one : placed_) {
    make_record(*one.entry, record);
    rows_.add(one.place, record);
  }
  rows_.end();
  return {};
}

Result<void> SqliteBatch::insert(SqlConnection& connection) {
  if (placed_.empty()) return {};
  return connection.run(insert_rows);
}

Result<void> SqliteBatch::write_indexes(SqlConnection& connection) {
  by_key_.clear();
  by_model_.clear();
  by_cost_.clear();
  unusual_.clear();
  for (const Placed& one : placed_) {
    const LedgerEntry& entry = *one.entry;
    const Moment moment = moment_of(one.place);
    note(by_key_, std::pair{entry.key, moment});
    note(by_model_, std::pair{billed_model(entry), moment});
    note(by_cost_, std::pair{cost_class(charge_of(entry).cost), moment});
    if (is_unusual(entry)) note(unusual_, moment);
  }
  Result<void> done = write_index(connection, insert_key, by_key_);
  if (done) done = write_index(connection, insert_model, by_model_);
  if (done) done = write_index(connection, insert_cost, by_cost_);
  for (const Moment moment : unusual_) {
    if (done) done = connection.run(insert_unusual, moment);
  }
  for (const Placed& one : placed_) {
    if (!done) break;
    if (!is_in_crowd(one.place)) continue;
    done =
        connection.run(insert_attempt, begin_of_millisecond(one.place), one.entry->attempt.bytes);
  }
  if (done) done = write_clues(connection);
  return done;
}

template <typename Value>
Result<void> SqliteBatch::write_index(SqlConnection& connection, SqlText insert,
                                      Index<Value>& index) {
  sort_and_unite(index);
  Result<void> done;
  for (const auto& [value, moment] : index) {
    if (done) done = connection.run(insert, value, moment);
  }
  return done;
}

// To the last row as long as that is short, so that small batches do not leave many rows.
Result<void> SqliteBatch::write_clues(SqlConnection& connection) {
  constexpr std::int64_t short_row_bytes = 4'096;
  if (placed_.empty()) return {};
  clues_.clear();
  for (const Placed& one : placed_) {
    append_clue(clues_, one.entry->started, one.entry->request.view());
    append_clue(clues_, one.entry->started, one.entry->upstream_request.view());
  }
  const Place newest = end_of_millisecond(placed_.back().place);
  const SqlValue::Bytes clues{clues_};
  const Result<void> added = connection.run(
      "UPDATE ledger_requests SET newest = max(newest, ?), clues = CAST(clues || ? AS BLOB) "
      "WHERE id = (SELECT max(id) FROM ledger_requests) AND length(clues) < ?",
      newest, clues, short_row_bytes);
  if (!added || connection.changes() > 0) return added;
  return connection.run("INSERT INTO ledger_requests (newest, clues) VALUES (?, ?)", newest, clues);
}

}  // namespace relay::store
