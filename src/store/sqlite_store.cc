#include "store/sqlite_store.h"

#include <algorithm>

#include "store/batch_totals.h"
#include "store/migrations.h"
#include "store/store_error.h"

namespace relay::store {

using core::ApiKey;
using core::JournalPosition;
using core::KeyDigest;
using core::KeyId;
using core::LedgerEntry;

namespace {

constexpr const char* select_keys = "SELECT * FROM live_keys ORDER BY id DESC";
constexpr const char* select_key = "SELECT * FROM live_keys WHERE uuid = ?";
constexpr const char* insert_key =
    "INSERT INTO api_keys (uuid, public_id, secret_hash, digest, name, description, token_limit, "
    "rate_limit_tier, is_active, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr const char* insert_entry =
    "INSERT INTO ledger (attempt, request, key_id, endpoint, delivery, is_stream, attempts, "
    "status, first_byte_ms, duration_ms, started, held, input, output, cache_write_5m, "
    "cache_write_1h, cache_read, web_searches, is_estimated, model, served_model, upstream, "
    "upstream_request, client) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (attempt) DO NOTHING";
constexpr const char* add_to_balance =
    "INSERT INTO key_balances (key_id, requests, estimated_requests, input, output, "
    "cache_write_5m, cache_write_1h, cache_read, web_searches) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO UPDATE SET "
    "requests = requests + excluded.requests, "
    "estimated_requests = estimated_requests + excluded.estimated_requests, "
    "input = input + excluded.input, output = output + excluded.output, "
    "cache_write_5m = cache_write_5m + excluded.cache_write_5m, "
    "cache_write_1h = cache_write_1h + excluded.cache_write_1h, "
    "cache_read = cache_read + excluded.cache_read, "
    "web_searches = web_searches + excluded.web_searches";
constexpr const char* add_to_hour =
    "INSERT INTO usage_hourly (key_id, hour, model, delivery, requests, estimated_requests, input, "
    "output, cache_write_5m, cache_write_1h, cache_read, web_searches) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key_id, hour, model, delivery) DO UPDATE SET "
    "requests = requests + excluded.requests, "
    "estimated_requests = estimated_requests + excluded.estimated_requests, "
    "input = input + excluded.input, output = output + excluded.output, "
    "cache_write_5m = cache_write_5m + excluded.cache_write_5m, "
    "cache_write_1h = cache_write_1h + excluded.cache_write_1h, "
    "cache_read = cache_read + excluded.cache_read, "
    "web_searches = web_searches + excluded.web_searches";
constexpr const char* move_position =
    "INSERT INTO journal_positions (journal, sequence) VALUES (?, ?) "
    "ON CONFLICT (journal) DO UPDATE SET sequence = max(sequence, excluded.sequence)";

std::int64_t milliseconds(WallTime time) noexcept {
  return time.time_since_epoch().count();
}

WallTime wall_time(std::int64_t milliseconds) noexcept {
  return WallTime{std::chrono::milliseconds{milliseconds}};
}

std::optional<std::int64_t> milliseconds(const std::optional<WallTime>& time) noexcept {
  if (!time) return {};
  return milliseconds(*time);
}

// The columns are those of the view live_keys.
ApiKey key_of(const SqliteRow& row) {
  ApiKey key{.id = KeyId{row.integer(0)},
             .uuid = row.text(1),
             .public_id = row.text(2),
             .secret_hash = row.text(3),
             .digest = {},
             .name = row.text(5),
             .description = row.text(6),
             .owner = {},
             .tags = {},
             .terms = {},
             .is_active = row.integer(9) != 0,
             .created_at = wall_time(row.integer(10)),
             .tokens_used = row.integer(12)};
  const std::span<const std::uint8_t> digest = row.blob(4);
  std::copy_n(digest.begin(), std::min(digest.size(), key.digest.size()), key.digest.begin());
  key.terms.token_limits[core::Window::total] = row.integer_or_none(7);
  key.terms.tier = row.text(8);
  if (const auto expires = row.integer_or_none(11)) key.terms.expires_at = wall_time(*expires);
  return key;
}

Result<ApiKey> find(SqliteConnection& connection, std::string_view uuid) {
  std::optional<ApiKey> found;
  const Result<void> read = connection.each(
      select_key, [&found](const SqliteRow& row) { found = key_of(row); }, uuid);
  if (!read) return std::unexpected(read.error());
  if (!found) return failure(ErrorCode::not_found, "no key " + std::string{uuid});
  return *std::move(found);
}

// An update that names a key by its uuid must have found it.
Result<void> one_changed(SqliteConnection& connection, Result<void> updated,
                         std::string_view uuid) {
  if (updated && connection.changes() == 0) {
    return failure(ErrorCode::not_found, "no key " + std::string{uuid});
  }
  return updated;
}

Result<void> insert(SqliteConnection& connection, const LedgerEntry& entry) {
  const core::Usage usage = charged(entry);
  return connection.run(
      insert_entry, entry.attempt.bytes, entry.request.view(), std::to_underlying(entry.key),
      std::to_underlying(entry.endpoint), std::to_underlying(entry.delivery), entry.is_stream,
      entry.attempts, entry.status, entry.first_byte_ms, entry.duration_ms,
      milliseconds(entry.started), entry.held, usage.input, usage.output, usage.cache_write_5m,
      usage.cache_write_1h, usage.cache_read, usage.web_searches, usage.is_estimated,
      entry.model.view(), entry.served_model.view(), entry.upstream.view(),
      entry.upstream_request.view(), entry.client.bytes);
}

Result<void> add(SqliteConnection& connection, const BatchTotals& totals) {
  Result<void> done;
  for (const auto& [key, sum] : totals.by_key) {
    if (!done) return done;
    done = connection.run(add_to_balance, std::to_underlying(key), sum.requests,
                          sum.estimated_requests, sum.usage.input, sum.usage.output,
                          sum.usage.cache_write_5m, sum.usage.cache_write_1h, sum.usage.cache_read,
                          sum.usage.web_searches);
  }
  for (const auto& [hour, sum] : totals.by_hour) {
    if (!done) return done;
    const auto& [key, start, model, delivery] = hour;
    done = connection.run(add_to_hour, std::to_underlying(key), start, model,
                          std::to_underlying(delivery), sum.requests, sum.estimated_requests,
                          sum.usage.input, sum.usage.output, sum.usage.cache_write_5m,
                          sum.usage.cache_write_1h, sum.usage.cache_read, sum.usage.web_searches);
  }
  return done;
}

Result<SqliteConnection> open_writer(const std::filesystem::path& path, WallTime now) {
  auto writer = SqliteConnection::open(path, SqliteConnection::Access::read_write);
  if (!writer) return writer;
  Result<void> done = writer->execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;"
      "PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864");
  if (done) done = migrate(*writer, sqlite_migrations(), now);
  if (!done) return std::unexpected(done.error());
  return writer;
}

}  // namespace

// A connection for reading, borrowed for one query. Waits for one to be free.
class SqliteStore::Reader {
 public:
  explicit Reader(SqliteStore& store) : store_{store} {
    store_.readers_free_.acquire();
    auto readers = store_.readers_.lock();
    connection_ = std::move(readers->back());
    readers->pop_back();
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    store_.readers_.lock()->push_back(std::move(connection_));
    store_.readers_free_.release();
  }
  SqliteConnection* operator->() noexcept { return &connection_; }
  SqliteConnection& operator*() noexcept { return connection_; }

 private:
  SqliteStore& store_;
  SqliteConnection connection_;
};

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path,
                                                       const Clock& clock) {
  std::filesystem::path lock_path = path;
  Result<File> lock = lock_file(lock_path += ".lock", "the database " + path.string());
  if (!lock) return std::unexpected(lock.error());
  // SQLite gives its other files the mode of this one. It holds the hashes of keys.
  const Result<File> created = open_private_file(path);
  if (!created) return std::unexpected(created.error());

  std::unique_ptr<SqliteStore> store{new SqliteStore{*std::move(lock), clock}};
  Result<SqliteConnection> writer = open_writer(path, clock.wall());
  if (!writer) return std::unexpected(writer.error());
  *store->writer_.lock() = *std::move(writer);
  for (std::size_t i = 0; i < limits::store_readers; ++i) {
    auto reader = SqliteConnection::open(path, SqliteConnection::Access::read_only);
    if (!reader) return std::unexpected(reader.error());
    store->readers_.lock()->push_back(*std::move(reader));
    store->readers_free_.release();
  }
  return store;
}

Result<std::vector<ApiKey>> SqliteStore::all_keys() {
  std::vector<ApiKey> keys;
  const Result<void> read = Reader {
    *this
    } -> each(select_keys, [&keys](const SqliteRow& row) { keys.push_back(key_of(row)); });
  if (!read) return std::unexpected(read.error());
  return keys;
}

Result<ApiKey> SqliteStore::find_key(std::string_view uuid) {
  Reader reader{*this};
  return find(*reader, uuid);
}

Result<ApiKey> SqliteStore::create_key(const core::NewKey& key) {
  auto writer = writer_.lock();
  const Result<void> inserted =
      writer->run(insert_key, key.uuid, key.public_id, key.secret_hash, key.digest, key.name,
                  key.description, key.terms.token_limits[core::Window::total], key.terms.tier,
                  key.is_active, milliseconds(key.created_at), milliseconds(key.terms.expires_at));
  if (!inserted) return std::unexpected(inserted.error());
  ApiKey created = key;
  created.id = KeyId{writer->last_id()};
  created.tokens_used = 0;
  return created;
}

Result<ApiKey> SqliteStore::set_key_active(std::string_view uuid, bool is_active) {
  auto writer = writer_.lock();
  Result<SqliteTransaction> transaction = SqliteTransaction::begin(*writer);
  if (!transaction) return std::unexpected(transaction.error());
  const Result<void> updated = writer->run(
      "UPDATE api_keys SET is_active = ? WHERE deleted_at IS NULL AND uuid = ?", is_active, uuid);
  if (!updated) return std::unexpected(updated.error());
  Result<ApiKey> key = find(*writer, uuid);
  const Result<void> committed = transaction->commit();
  if (!committed) return std::unexpected(committed.error());
  return key;
}

Result<void> SqliteStore::delete_key(std::string_view uuid) {
  auto writer = writer_.lock();
  const Result<void> updated =
      writer->run("UPDATE api_keys SET deleted_at = ? WHERE deleted_at IS NULL AND uuid = ?",
                  milliseconds(clock_.wall()), uuid);
  return one_changed(*writer, updated, uuid);
}

Result<void> SqliteStore::set_key_digest(KeyId key, const KeyDigest& digest) {
  auto writer = writer_.lock();
  const Result<void> updated =
      writer->run("UPDATE api_keys SET digest = ? WHERE deleted_at IS NULL AND id = ?", digest,
                  std::to_underlying(key));
  return one_changed(*writer, updated, std::to_string(std::to_underlying(key)));
}

Result<void> SqliteStore::append(std::span<const LedgerEntry> entries,
                                 std::span<const JournalPosition> positions) {
  auto writer = writer_.lock();
  Result<SqliteTransaction> transaction = SqliteTransaction::begin(*writer);
  if (!transaction) return std::unexpected(transaction.error());
  BatchTotals totals;
  for (const LedgerEntry& entry : entries) {
    const Result<void> inserted = insert(*writer, entry);
    if (!inserted) return inserted;
    if (writer->changes() == 1) totals.add(entry);  // Else it was here already, and is charged.
  }
  const Result<void> added = add(*writer, totals);
  if (!added) return added;
  for (const JournalPosition& position : positions) {
    const Result<void> moved =
        writer->run(move_position, static_cast<std::int64_t>(position.journal),
                    static_cast<std::int64_t>(position.sequence));
    if (!moved) return moved;
  }
  return transaction->commit();
}

Result<std::vector<JournalPosition>> SqliteStore::journal_positions() {
  std::vector<JournalPosition> positions;
  const Result<void> read = Reader {
    *this
    }
    -> each("SELECT journal, sequence FROM journal_positions", [&positions](const SqliteRow& row) {
      positions.push_back({.journal = static_cast<std::uint64_t>(row.integer(0)),
                           .sequence = static_cast<std::uint64_t>(row.integer(1))});
    });
  if (!read) return std::unexpected(read.error());
  return positions;
}

Result<void> SqliteStore::forget_journals(std::span<const std::uint64_t> journals) {
  auto writer = writer_.lock();
  Result<SqliteTransaction> transaction = SqliteTransaction::begin(*writer);
  if (!transaction) return std::unexpected(transaction.error());
  for (const std::uint64_t journal : journals) {
    const Result<void> deleted = writer->run("DELETE FROM journal_positions WHERE journal = ?",
                                             static_cast<std::int64_t>(journal));
    if (!deleted) return deleted;
  }
  return transaction->commit();
}

Result<core::UsageTotals> SqliteStore::usage_totals(KeyId key) {
  core::UsageTotals totals;
  const Result<void> read = Reader {
    *this
    } -> each(
        "SELECT requests, estimated_requests, input, output, cache_write_5m, cache_write_1h, "
        "cache_read, web_searches FROM key_balances WHERE key_id = ?",
        [&totals](const SqliteRow& row) {
          totals = {.usage = {.input = row.integer(2),
                              .output = row.integer(3),
                              .cache_write_5m = row.integer(4),
                              .cache_write_1h = row.integer(5),
                              .cache_read = row.integer(6),
                              .web_searches = static_cast<std::int32_t>(row.integer(7)),
                              .is_estimated = row.integer(1) > 0},
                    .requests = row.integer(0)};
        },
        std::to_underlying(key));
  if (!read) return std::unexpected(read.error());
  return totals;
}

Result<std::optional<std::string>> SqliteStore::find_setting(std::string_view name) {
  std::optional<std::string> value;
  const Result<void> read = Reader {
    *this
    } -> each(
        "SELECT value FROM settings WHERE name = ?",
        [&value](const SqliteRow& row) { value = row.text(0); }, name);
  if (!read) return std::unexpected(read.error());
  return value;
}

Result<void> SqliteStore::set_setting(std::string_view name, std::string_view value) {
  return writer_.lock()->run(
      "INSERT INTO settings (name, value) VALUES (?, ?) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name, value);
}

}  // namespace relay::store
