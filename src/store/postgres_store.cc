#include "store/postgres_store.h"

#include "store/migrations.h"
#include "store/postgres_parameters.h"
#include "store/postgres_schema.h"
#include "store/sql_ledger.h"
#include "store/store_error.h"

namespace relay::store {

using core::LedgerEntry;

namespace {

constexpr auto months_ahead = std::chrono::months{2};

constexpr SqlText begin = "BEGIN";
constexpr SqlText commit = "COMMIT";
constexpr SqlText insert_entries =
    "INSERT INTO ledger (attempt, request, key_id, endpoint, delivery, is_stream, attempts, "
    "status, first_byte_ms, duration_ms, started, held, input, output, cache_write_5m, "
    "cache_write_1h, cache_read, web_searches, is_estimated, model, served_model, upstream, "
    "upstream_request, client, cost, price_version, is_unpriced, service_tier, geo, is_fast) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?) ON CONFLICT DO NOTHING RETURNING attempt";
constexpr std::array<SqlText, 7> inserts = {
    insert_entries,           add_to_balance,          add_to_hour,  add_to_day,
    add_to_day_of_all_models, add_to_hour_of_all_keys, move_position};

// The rows of each statement, in the order in which statements came first: all relays lock rows in
// one order.
class RowsByStatement {
 public:
  template <typename... Values>
  Result<void> operator()(SqlText sql, const Values&... values) {
    const std::array<SqlValue, sizeof...(Values)> row{SqlValue{values}...};
    if (all_.empty() || all_.back().first.get() != sql.get())
      all_.emplace_back(sql, PostgresRows{});
    all_.back().second.add(row);
    return {};
  }
  [[nodiscard]] const auto& all() const noexcept { return all_; }

 private:
  std::vector<std::pair<SqlText, PostgresRows>> all_;
};

Result<void> add_entry(RowsByStatement& rows, const LedgerEntry& entry) {
  const Charge charge = charge_of(entry);
  const core::Usage& usage = charge.usage;
  return rows(insert_entries, entry.attempt.bytes, entry.request, entry.key, entry.endpoint,
              entry.delivery, entry.is_stream, entry.attempts, entry.status, entry.first_byte_ms,
              entry.duration_ms, entry.started, entry.held, usage.input, usage.output,
              usage.cache_write_5m, usage.cache_write_1h, usage.cache_read, usage.web_searches,
              usage.is_estimated, entry.model, entry.served_model, entry.upstream,
              entry.upstream_request, entry.client.bytes, charge.cost, entry.price_version,
              charge.is_unpriced, entry.terms.tier, entry.terms.geo, entry.terms.is_fast);
}

// As the database takes their texts, so that what it takes for one model is one for us, too.
std::vector<LedgerEntry> as_stored(std::span<const LedgerEntry> entries) {
  std::vector<LedgerEntry> stored{entries.begin(), entries.end()};
  for (LedgerEntry& entry : stored) {
    entry.model = std::string_view{storable(entry.model.view())};
    entry.served_model = std::string_view{storable(entry.served_model.view())};
  }
  return stored;
}

std::chrono::year_month month_of(WallTime time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return date.year() / date.month();
}

}  // namespace

Result<std::unique_ptr<PostgresStore>> PostgresStore::open(std::string url, const Clock& clock) {
  std::unique_ptr<PostgresStore> store{new PostgresStore{std::move(url), clock}};
  const Result<void> prepared = store->prepare_schema();
  if (!prepared && prepared.error().code != ErrorCode::store_unavailable) {
    return std::unexpected(prepared.error());
  }
  return store;
}

Result<std::unique_ptr<PostgresStore>> PostgresStore::open_to_read(std::string url,
                                                                   const Clock& clock) {
  std::unique_ptr<PostgresStore> store{new PostgresStore{std::move(url), clock}};
  store->is_read_only_ = true;
  const Result<Connection> connection = PostgresConnection::open(store->url_);
  if (!connection) return std::unexpected(connection.error());
  const Result<void> known = check_schema(**connection, postgres_migrations());
  if (!known) return std::unexpected(known.error());
  store->is_prepared_ = true;
  return store;
}

// Others may start at the same time: one of them migrates, and the others find it done.
Result<void> PostgresStore::prepare_schema() {
  const std::lock_guard one_at_a_time{preparing_};
  if (is_prepared_) return {};
  const Result<Connection> connection = PostgresConnection::open(url_);
  if (!connection) return std::unexpected(connection.error());
  const Result<void> prepared = migrate_postgres(**connection, clock_.wall());
  if (prepared) is_prepared_ = true;
  return prepared;
}

Result<PostgresStore::Connection> PostgresStore::connect() {
  if (!is_prepared_) {
    const Result<void> prepared = prepare_schema();
    if (!prepared) return std::unexpected(prepared.error());
  }
  return PostgresConnection::open(url_);
}

Result<SqlStore::Lease> PostgresStore::writer() {
  if (is_read_only_) return failure(ErrorCode::conflict, "opened to be read only");
  return lend();
}

Result<SqlStore::Lease> PostgresStore::leisurely_reader() {
  Result<Connection> made = connect();
  if (!made) return std::unexpected(made.error());
  const Result<void> at_leisure = (*made)->take_time();
  if (!at_leisure) return std::unexpected(at_leisure.error());
  return Lease{made->release(), std::default_delete<SqlConnection>{}};
}

Result<std::int64_t> PostgresStore::remove_entries(SqlConnection& connection, WallTime before,
                                                   std::size_t rows_max) {
  auto& postgres = static_cast<PostgresConnection&>(connection);
  std::int64_t removed = 0;
  Result<void> done = postgres.take_time_for_this();
  if (done) {
    done = postgres.each(
        "SELECT forget_ledger_entries(?, ?)",
        [&removed](const SqlRow& row) { removed = row.integer(0); }, before, rows_max);
  }
  postgres.hurry();
  if (!done) return std::unexpected(done.error());
  return removed;
}

Result<SqlStore::Lease> PostgresStore::lend() {
  if (!may_connect_.try_acquire_for(limits::store_busy_timeout)) {
    return failure(ErrorCode::store_unavailable, "PostgreSQL: all connections are busy");
  }
  Connection lent;
  {
    auto idle = idle_.lock();
    while (lent == nullptr && !idle->empty()) {
      lent = std::move(idle->back());
      idle->pop_back();
      if (!lent->is_idle()) lent.reset();
    }
  }
  if (lent == nullptr) {
    Result<Connection> made = connect();
    if (!made) {
      may_connect_.release();
      return std::unexpected(made.error());
    }
    lent = *std::move(made);
  }
  const auto give_back = [this](SqlConnection* connection) {
    Connection back{static_cast<PostgresConnection*>(connection)};
    if (back->is_idle()) idle_.lock()->push_back(std::move(back));
    may_connect_.release();
  };
  return Lease{lent.release(), give_back};
}

// Whatever went wrong, the connection is dropped: then nothing of the transaction is left, unless
// all of it is.
Result<void> PostgresStore::append(std::span<const LedgerEntry> entries,
                                   std::span<const core::JournalPosition> positions) {
  if (is_read_only_) return failure(ErrorCode::conflict, "opened to be read only");
  const std::lock_guard one_at_a_time{appending_};
  if (appender_ == nullptr || !appender_->is_idle()) {
    months_.clear();
    Result<Connection> connection = connect();
    if (!connection) return std::unexpected(connection.error());
    appender_ = *std::move(connection);
  }
  Result<void> done = make_months(entries);
  if (done) done = append_batch(entries, positions);
  if (!done) appender_.reset();
  return done;
}

// In two journeys: what was new among the entries decides what is added to the sums.
Result<void> PostgresStore::append_batch(std::span<const LedgerEntry> entries,
                                         std::span<const core::JournalPosition> positions) {
  const std::vector<LedgerEntry> stored = as_stored(entries);
  std::set<core::AttemptId> appended;
  Result<void> done = insert_new(stored, appended);
  BatchTotals totals;
  for (const LedgerEntry& entry : stored) {
    if (appended.erase(entry.attempt) != 0) totals.add(entry);
  }
  RowsByStatement rows;
  if (done) done = write_totals(totals, rows);
  if (done) done = write_positions(positions, rows);
  if (done) done = appender_->begin_batch();
  for (const auto& [insert, of_it] : rows.all()) {
    if (done) done = appender_->queue_rows(insert, of_it);
  }
  if (done) done = appender_->queue(commit);
  if (done) done = appender_->end_batch([](const SqlRow&) {});
  return done;
}

// Begins the transaction.
Result<void> PostgresStore::insert_new(std::span<const LedgerEntry> entries,
                                       std::set<core::AttemptId>& appended) {
  Result<void> done = appender_->prepare(begin);
  if (done) done = appender_->prepare(commit);
  for (const SqlText insert : inserts) {
    if (done) done = appender_->prepare_for_rows(insert);
  }
  RowsByStatement rows;
  for (const LedgerEntry& entry : entries) {
    if (done) done = add_entry(rows, entry);
  }
  if (done) done = appender_->begin_batch();
  if (done) done = appender_->queue(begin);
  for (const auto& [insert, of_it] : rows.all()) {
    if (done) done = appender_->queue_rows(insert_entries, of_it);
  }
  if (!done) return done;
  return appender_->end_batch([&appended](const SqlRow& row) {
    core::AttemptId attempt;
    row.copy_blob(0, attempt.bytes);
    appended.insert(attempt);
  });
}

// The partitions of the entries' months, and of the next ones before anybody waits for them.
Result<void> PostgresStore::make_months(std::span<const LedgerEntry> entries) {
  std::set<std::chrono::year_month> wanted;
  for (const LedgerEntry& entry : entries) wanted.insert(month_of(entry.started));
  for (std::chrono::months ahead{0}; ahead <= months_ahead; ++ahead) {
    wanted.insert(month_of(clock_.wall()) + ahead);
  }
  for (const std::chrono::year_month month : wanted) {
    if (months_.contains(month)) continue;
    const WallTime first = std::chrono::sys_days{month / 1};
    const Result<void> made = appender_->run("SELECT make_ledger_month(?)", first);
    if (!made) return made;
    months_.insert(month);
  }
  return {};
}

}  // namespace relay::store
