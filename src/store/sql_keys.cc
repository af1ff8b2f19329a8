#include "store/sql_audit.h"
#include "store/sql_columns.h"
#include "store/sql_rows.h"
#include "store/sql_store.h"
#include "store/store_error.h"

namespace relay::store {

using core::ApiKey;
using core::AuditEntry;
using core::KeyId;
using core::Window;

namespace {

// Without their tags, and without what keys are looked for by.
constexpr SqlText select_keys =
    "SELECT id, uuid, public_id, secret_hash, digest, name, description, owner, '' AS no_tags, "
    "token_limit, token_limit_5h, token_limit_day, token_limit_week, token_limit_month, "
    "cost_limit, cost_limit_5h, cost_limit_day, cost_limit_week, cost_limit_month, "
    "rate_limit_tier, concurrency, models, addresses, domains, expires_at, days_from_first_use, "
    "on_abort, hold, is_active, created_at, former_public_id, former_secret_hash, former_digest, "
    "former_valid_until, tokens_used, cost_used, first_used, last_used "
    "FROM live_keys ORDER BY id DESC";
constexpr SqlText select_key = "SELECT * FROM live_keys WHERE uuid = ?";

// Both name what a change of a key may change, in one order.
constexpr SqlText insert_key =
    "INSERT INTO api_keys (public_id, secret_hash, digest, name, description, owner, "
    "token_limit, token_limit_5h, token_limit_day, token_limit_week, token_limit_month, "
    "cost_limit, cost_limit_5h, cost_limit_day, cost_limit_week, cost_limit_month, "
    "rate_limit_tier, concurrency, models, addresses, domains, expires_at, days_from_first_use, "
    "on_abort, hold, is_active, former_public_id, former_secret_hash, former_digest, "
    "former_valid_until, uuid, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, "
    "?, ?, ?) RETURNING id";
constexpr SqlText update_key_row =
    "UPDATE api_keys SET public_id = ?, secret_hash = ?, digest = ?, name = ?, description = ?, "
    "owner = ?, token_limit = ?, token_limit_5h = ?, token_limit_day = ?, token_limit_week = ?, "
    "token_limit_month = ?, cost_limit = ?, cost_limit_5h = ?, cost_limit_day = ?, "
    "cost_limit_week = ?, cost_limit_month = ?, rate_limit_tier = ?, concurrency = ?, models = ?, "
    "addresses = ?, domains = ?, expires_at = ?, days_from_first_use = ?, on_abort = ?, hold = ?, "
    "is_active = ?, former_public_id = ?, former_secret_hash = ?, former_digest = ?, "
    "former_valid_until = ? WHERE uuid = ? RETURNING id";

std::unexpected<Error> no_key(std::string_view uuid) {
  return failure(ErrorCode::not_found, "no key " + std::string{uuid});
}

// Runs insert_key or update_key_row; the last values are those that they differ in.
template <typename... Last>
Result<KeyId> write_row(SqlConnection& connection, SqlText sql, const ApiKey& key,
                        const Last&... last) {
  const core::KeyTerms& terms = key.terms;
  const auto& tokens = terms.token_limits;
  const auto& cost = terms.cost_limits;
  const std::optional<core::FormerSecret>& former = key.former;
  KeyId id{};
  const Result<void> written = connection.each(
      sql, [&id](const SqlRow& row) { id = KeyId{row.integer(0)}; }, key.public_id, key.secret_hash,
      key.digest, key.name, key.description, key.owner, tokens[Window::total],
      tokens[Window::five_hours], tokens[Window::day], tokens[Window::week], tokens[Window::month],
      cost[Window::total], cost[Window::five_hours], cost[Window::day], cost[Window::week],
      cost[Window::month], terms.tier, terms.concurrency, list_text(terms.models),
      list_text(terms.addresses), list_text(terms.domains), terms.expires_at,
      terms.days_from_first_use, terms.on_abort, terms.hold, key.is_active,
      former ? SqlValue{former->public_id} : SqlValue{},
      former ? SqlValue{former->secret_hash} : SqlValue{},
      former ? SqlValue{former->digest} : SqlValue{},
      former ? SqlValue{former->valid_until} : SqlValue{}, last...);
  if (!written) return std::unexpected(written.error());
  return id;
}

Result<void> write_tags(SqlConnection& connection, KeyId key,
                        const std::vector<std::string>& tags) {
  Result<void> done = connection.run("DELETE FROM key_tags WHERE key_id = ?", key);
  std::int64_t position = 0;
  for (const std::string& tag : tags) {
    if (!done) return done;
    done = connection.run("INSERT INTO key_tags (key_id, position, tag) VALUES (?, ?, ?)", key,
                          position++, tag);
  }
  return done;
}

Result<ApiKey> insert(SqlConnection& connection, const core::NewKey& key) {
  const Result<KeyId> id = write_row(connection, insert_key, key, key.uuid, key.created_at);
  if (!id) return std::unexpected(id.error());
  const Result<void> tagged = write_tags(connection, *id, key.tags);
  if (!tagged) return std::unexpected(tagged.error());
  ApiKey created = key;
  created.id = *id;
  created.tokens_used = 0;
  created.cost_used = 0;
  created.first_used_at.reset();
  created.last_used_at.reset();
  return created;
}

Result<ApiKey> find(SqlConnection& connection, std::string_view uuid) {
  std::optional<ApiKey> found;
  const Result<void> read = connection.each(
      select_key, [&found](const SqlRow& row) { found = key_of(row); }, uuid);
  if (!read) return std::unexpected(read.error());
  if (!found) return no_key(uuid);
  return *std::move(found);
}

Result<ApiKey> change_row(SqlConnection& connection, std::string_view uuid,
                          const core::KeyChange& change) {
  // Keeps others from changing it in between.
  const Result<void> locked =
      connection.run("UPDATE api_keys SET uuid = uuid WHERE deleted_at IS NULL AND uuid = ?", uuid);
  if (!locked) return std::unexpected(locked.error());
  Result<ApiKey> key = find(connection, uuid);
  if (!key) return key;
  const Result<AuditEntry> audit = change(*key);
  if (!audit) return std::unexpected(audit.error());
  const Result<KeyId> id = write_row(connection, update_key_row, *key, uuid);
  if (!id) return std::unexpected(id.error());
  Result<void> done = write_tags(connection, *id, key->tags);
  if (done) done = record(connection, *audit);
  if (!done) return std::unexpected(done.error());
  return find(connection, uuid);
}

}  // namespace

// Tags of all keys are read at once: to ask for those of each key takes longer than all the rest.
Result<std::vector<ApiKey>> SqlStore::all_keys() {
  std::vector<ApiKey> keys;
  const Result<void> done = read([&keys](SqlConnection& connection) {
    keys.clear();
    Result<void> read = connection.each(
        "SELECT count(*) FROM api_keys",
        [&keys](const SqlRow& row) { keys.reserve(static_cast<std::size_t>(row.integer(0))); });
    if (read) {
      read =
          connection.each(select_keys, [&keys](const SqlRow& row) { keys.push_back(key_of(row)); });
    }
    auto key = keys.rbegin();
    const auto add_tag = [&](const SqlRow& row) {
      const KeyId id{row.integer(0)};
      while (key != keys.rend() && key->id < id) ++key;
      if (key != keys.rend() && key->id == id) key->tags.emplace_back(row.text(1));
    };
    if (read) {
      read = connection.each("SELECT key_id, tag FROM key_tags ORDER BY key_id, position", add_tag);
    }
    return read;
  });
  if (!done) return std::unexpected(done.error());
  return keys;
}

Result<ApiKey> SqlStore::find_key(std::string_view uuid) {
  const Result<Lease> connection = reader();
  if (!connection) return std::unexpected(connection.error());
  return find(**connection, uuid);
}

Result<KeyId> SqlStore::ledger_id_of(std::string_view uuid) {
  std::optional<KeyId> found;
  const Result<void> done = read([&](SqlConnection& connection) {
    return connection.each(
        "SELECT id FROM api_keys WHERE uuid = ?",
        [&found](const SqlRow& row) { found = KeyId{row.integer(0)}; }, uuid);
  });
  if (!done) return std::unexpected(done.error());
  if (!found) return no_key(uuid);
  return *found;
}

Result<std::vector<ApiKey>> SqlStore::create_keys(std::span<const core::NewKey> keys,
                                                  std::span<const AuditEntry> audits) {
  std::vector<ApiKey> created;
  const Result<void> written = write([&](SqlConnection& connection) {
    Result<void> done;
    created.clear();
    for (const core::NewKey& key : keys) {
      Result<ApiKey> one = insert(connection, key);
      if (!one) return Result<void>{std::unexpected(one.error())};
      created.push_back(*std::move(one));
    }
    for (const AuditEntry& audit : audits) {
      if (done) done = record(connection, audit);
    }
    return done;
  });
  if (!written) return std::unexpected(written.error());
  return created;
}

Result<ApiKey> SqlStore::update_key(std::string_view uuid, const core::KeyChange& change) {
  std::optional<ApiKey> changed;
  const Result<void> written = write([&](SqlConnection& connection) -> Result<void> {
    Result<ApiKey> key = change_row(connection, uuid, change);
    if (!key) return std::unexpected(key.error());
    changed = *std::move(key);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return *std::move(changed);
}

Result<void> SqlStore::delete_key(std::string_view uuid, const AuditEntry& audit) {
  return write([&](SqlConnection& connection) -> Result<void> {
    const Result<void> deleted =
        connection.run("UPDATE api_keys SET deleted_at = ? WHERE deleted_at IS NULL AND uuid = ?",
                       clock_.wall(), uuid);
    if (!deleted) return deleted;
    if (connection.changes() == 0) return no_key(uuid);
    return record(connection, audit);
  });
}

Result<void> SqlStore::set_key_digest(KeyId key, const core::KeyDigest& digest) {
  return write([&](SqlConnection& connection) -> Result<void> {
    Result<void> updated = connection.run(
        "UPDATE api_keys SET digest = ? WHERE deleted_at IS NULL AND id = ?", digest, key);
    if (updated && connection.changes() == 0)
      return no_key(std::to_string(std::to_underlying(key)));
    return updated;
  });
}

}  // namespace relay::store
