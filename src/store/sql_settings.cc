// Tiers, admin tokens and settings.
#include "store/sql_audit.h"
#include "store/sql_rows.h"
#include "store/sql_store.h"
#include "store/store_error.h"

namespace relay::store {

using core::AdminToken;
using core::AuditEntry;
using core::Tier;

namespace {

constexpr SqlText upsert_setting =
    "INSERT INTO settings (name, value) VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value";

// Records a change that must have found what it is about.
Result<void> record_if_found(SqlConnection& connection, Result<void> changed, std::string_view name,
                             const AuditEntry& audit) {
  if (!changed) return changed;
  if (connection.changes() == 0) return failure(ErrorCode::not_found, "no " + std::string{name});
  return record(connection, audit);
}

}  // namespace

Result<std::vector<Tier>> SqlStore::all_tiers() {
  return rows(tier_of, SqlText{"SELECT name, requests, period_ms, tokens_per_minute, "
                               "count_tokens_requests, is_configured FROM tiers ORDER BY name"});
}

Result<void> SqlStore::put_tier(const Tier& tier, const AuditEntry& audit) {
  return write([&](SqlConnection& connection) -> Result<void> {
    const Result<void> put = connection.run(
        "INSERT INTO tiers (name, requests, period_ms, tokens_per_minute, count_tokens_requests, "
        "is_configured) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
        "requests = excluded.requests, period_ms = excluded.period_ms, "
        "tokens_per_minute = excluded.tokens_per_minute, "
        "count_tokens_requests = excluded.count_tokens_requests, "
        "is_configured = excluded.is_configured",
        tier.name, tier.requests, tier.period.count(), tier.tokens_per_minute,
        tier.count_tokens_requests, tier.is_configured);
    if (!put) return put;
    return record(connection, audit);
  });
}

Result<void> SqlStore::delete_tier(std::string_view name, const AuditEntry& audit) {
  return write([&](SqlConnection& connection) -> Result<void> {
    std::int64_t keys = 0;
    const Result<void> counted = connection.each(
        "SELECT count(*) FROM live_keys WHERE rate_limit_tier = ?",
        [&keys](const SqlRow& row) { keys = row.integer(0); }, name);
    if (!counted) return counted;
    if (keys != 0) {
      return failure(ErrorCode::conflict, std::to_string(keys) + " keys name this tier");
    }
    return record_if_found(connection, connection.run("DELETE FROM tiers WHERE name = ?", name),
                           name, audit);
  });
}

Result<std::vector<AdminToken>> SqlStore::all_admin_tokens() {
  return rows(admin_token_of,
              SqlText{"SELECT id, uuid, name, digest, created_at, expires_at, last_used_at "
                      "FROM admin_tokens ORDER BY id DESC"});
}

Result<void> SqlStore::create_admin_token(const AdminToken& token, const AuditEntry& audit) {
  return write([&](SqlConnection& connection) -> Result<void> {
    const Result<void> created = connection.run(
        "INSERT INTO admin_tokens (uuid, name, digest, created_at, expires_at, last_used_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        token.uuid, token.name, token.digest, token.created_at, token.expires_at,
        token.last_used_at);
    if (!created) return created;
    return record(connection, audit);
  });
}

Result<void> SqlStore::delete_admin_token(std::string_view uuid, const AuditEntry& audit) {
  return write([&](SqlConnection& connection) {
    return record_if_found(
        connection, connection.run("DELETE FROM admin_tokens WHERE uuid = ?", uuid), uuid, audit);
  });
}

Result<void> SqlStore::touch_admin_token(std::string_view uuid, WallTime used_at) {
  return write([&](SqlConnection& connection) -> Result<void> {
    Result<void> touched =
        connection.run("UPDATE admin_tokens SET last_used_at = ? WHERE uuid = ?", used_at, uuid);
    if (touched && connection.changes() == 0) {
      return failure(ErrorCode::not_found, "no " + std::string{uuid});
    }
    return touched;
  });
}

Result<std::optional<std::string>> SqlStore::find_setting(std::string_view name) {
  const Result<std::vector<std::string>> values =
      rows([](const SqlRow& row) { return std::string{row.text(0)}; },
           SqlText{"SELECT value FROM settings WHERE name = ?"}, name);
  if (!values) return std::unexpected(values.error());
  if (values->empty()) return std::nullopt;
  return values->front();
}

Result<void> SqlStore::set_setting(std::string_view name, std::string_view value) {
  return write(
      [&](SqlConnection& connection) { return connection.run(upsert_setting, name, value); });
}

Result<void> SqlStore::set_setting(std::string_view name, std::string_view value,
                                   const AuditEntry& audit) {
  return write([&](SqlConnection& connection) -> Result<void> {
    const Result<void> set = connection.run(upsert_setting, name, value);
    if (!set) return set;
    return record(connection, audit);
  });
}

Result<void> SqlStore::replace_setting(std::string_view name,
                                       const std::optional<std::string>& known,
                                       std::string_view value, const AuditEntry& audit) {
  return write([&](SqlConnection& connection) -> Result<void> {
    const Result<void> set =
        known ? connection.run("UPDATE settings SET value = ? WHERE name = ? AND value = ?", value,
                               name, *known)
              : connection.run("INSERT INTO settings (name, value) VALUES (?, ?)", name, value);
    if (!set) return set;
    if (connection.changes() == 0) {
      return failure(ErrorCode::conflict, std::string{name} + " has changed");
    }
    return record(connection, audit);
  });
}

}  // namespace relay::store
