#include "store/sql_rows.h"

#include "store/sql_columns.h"

namespace relay::store {
namespace {

template <typename Limits>
void read_limits(SqlColumns& columns, Limits& limits) {
  for (const core::Window window : core::every_window) columns.read(limits[window]);
}

std::optional<core::FormerSecret> read_former(SqlColumns& columns) {
  std::optional<std::string> public_id;
  std::optional<std::string> secret_hash;
  std::optional<core::KeyDigest> digest;
  std::optional<WallTime> valid_until;
  columns.read(public_id, secret_hash, digest, valid_until);
  if (!public_id || !secret_hash || !digest || !valid_until) return {};
  return core::FormerSecret{.public_id = *std::move(public_id),
                            .secret_hash = *std::move(secret_hash),
                            .digest = *digest,
                            .valid_until = *valid_until};
}

}  // namespace

core::ApiKey key_of(const SqlRow& row, int first) {
  core::ApiKey key;
  core::KeyTerms& terms = key.terms;
  SqlColumns columns{row, first};
  columns.read(key.id, key.uuid, key.public_id, key.secret_hash, key.digest, key.name,
               key.description, key.owner, key.tags);
  read_limits(columns, terms.token_limits);
  read_limits(columns, terms.cost_limits);
  columns.read(terms.tier, terms.concurrency, terms.models, terms.addresses, terms.domains,
               terms.expires_at, terms.days_from_first_use, terms.on_abort, terms.hold,
               key.is_active, key.created_at);
  key.former = read_former(columns);
  columns.read(key.tokens_used, key.cost_used, key.first_used_at, key.last_used_at);
  return key;
}

core::Tier tier_of(const SqlRow& row) {
  core::Tier tier;
  std::int64_t period_ms = 0;
  SqlColumns{row}.read(tier.name, tier.requests, period_ms, tier.tokens_per_minute,
                       tier.count_tokens_requests, tier.is_configured);
  tier.period = std::chrono::milliseconds{period_ms};
  return tier;
}

core::AdminToken admin_token_of(const SqlRow& row) {
  core::AdminToken token;
  std::int64_t id = 0;
  SqlColumns{row}.read(id, token.uuid, token.name, token.digest, token.created_at, token.expires_at,
                       token.last_used_at);
  return token;
}

core::AuditEntry audit_entry_of(const SqlRow& row) {
  core::AuditEntry entry;
  SqlColumns{row}.read(entry.id, entry.at, entry.actor, entry.from.bytes, entry.action,
                       entry.object, entry.name, entry.before, entry.after);
  return entry;
}

core::LedgerRow ledger_row_of(const SqlRow& row) {
  core::LedgerRow line;
  core::LedgerEntry& entry = line.entry;
  core::Usage& usage = entry.usage;
  SqlColumns{row}.read(line.id, entry.attempt.bytes, entry.request, entry.key, entry.endpoint,
                       entry.delivery, entry.is_stream, entry.attempts, entry.status,
                       entry.first_byte_ms, entry.duration_ms, entry.started, entry.held,
                       usage.input, usage.output, usage.cache_write_5m, usage.cache_write_1h,
                       usage.cache_read, usage.web_searches, usage.is_estimated, entry.terms.tier,
                       entry.terms.geo, entry.terms.is_fast, entry.cost, entry.price_version,
                       entry.is_unpriced, entry.model, entry.served_model, entry.upstream,
                       entry.upstream_request, entry.client.bytes, line.key_uuid, line.key_name);
  return line;
}

}  // namespace relay::store
