#include "store/memory_store.h"

#include <algorithm>
#include <ranges>

#include "store/batch_totals.h"
#include "store/store_error.h"

namespace relay::store {

using core::AdminToken;
using core::ApiKey;
using core::AuditEntry;
using core::KeyId;
using core::Tier;

namespace {

const SystemClock system_clock;

std::unexpected<Error> no(std::string_view name) {
  return failure(ErrorCode::not_found, "no " + std::string{name});
}

void set_balance(ApiKey& key, const Balance& balance) {
  key.tokens_used = balance.sums.usage.total();
  key.cost_used = balance.sums.cost;
  key.first_used_at = balance.first_used;
  key.last_used_at = balance.last_used;
}

}  // namespace

MemoryStore::MemoryStore() : MemoryStore{system_clock} {
}

ApiKey* MemoryStore::Tables::find(std::string_view uuid) {
  const auto row = std::ranges::find_if(
      keys, [uuid](const Row& at) { return !at.is_deleted && at.key.uuid == uuid; });
  return row == keys.end() ? nullptr : &row->key;
}

bool MemoryStore::Tables::has(const core::NewKey& key) const {
  return std::ranges::any_of(keys, [&key](const Row& row) {
    return row.key.uuid == key.uuid || row.key.public_id == key.public_id;
  });
}

ApiKey MemoryStore::Tables::with_balance(ApiKey key) const {
  BatchTotals totals;
  for (const Line& line : ledger | std::views::values) {
    if (line.entry.key == key.id) totals.add(line.entry);
  }
  set_balance(key, totals.by_key()[key.id]);
  return key;
}

std::vector<ApiKey> MemoryStore::Tables::live_keys() const {
  BatchTotals totals;
  for (const Line& line : ledger | std::views::values) totals.add(line.entry);
  std::map<core::KeyId, Balance> balances = totals.by_key();
  std::vector<ApiKey> live;
  for (const Row& row : keys | std::views::reverse) {
    if (row.is_deleted) continue;
    live.push_back(row.key);
    set_balance(live.back(), balances[row.key.id]);
  }
  return live;
}

void MemoryStore::Tables::record(AuditEntry entry) {
  entry.id = static_cast<std::int64_t>(audit.size()) + 1;
  audit.push_back(std::move(entry));
}

Result<std::vector<ApiKey>> MemoryStore::all_keys() {
  return tables_.lock()->live_keys();
}

Result<ApiKey> MemoryStore::find_key(std::string_view uuid) {
  auto tables = tables_.lock();
  const ApiKey* const key = tables->find(uuid);
  if (key == nullptr) return no(uuid);
  return tables->with_balance(*key);
}

Result<KeyId> MemoryStore::ledger_id_of(std::string_view uuid) {
  auto tables = tables_.lock();
  for (const Tables::Row& row : tables->keys) {
    if (row.key.uuid == uuid) return row.key.id;
  }
  return no(uuid);
}

Result<std::vector<ApiKey>> MemoryStore::create_keys(std::span<const core::NewKey> keys,
                                                     std::span<const AuditEntry> audits) {
  auto tables = tables_.lock();
  const std::size_t before = tables->keys.size();
  std::vector<ApiKey> created;
  for (const core::NewKey& key : keys) {
    if (tables->has(key)) {
      tables->keys.resize(before);
      return failure(ErrorCode::conflict, "this key exists");
    }
    ApiKey& made = tables->keys.emplace_back(key).key;
    made.id = KeyId{static_cast<std::int64_t>(tables->keys.size())};
    set_balance(made, {});
    created.push_back(made);
  }
  for (const AuditEntry& audit : audits) tables->record(audit);
  return created;
}

Result<ApiKey> MemoryStore::update_key(std::string_view uuid, const core::KeyChange& change) {
  auto tables = tables_.lock();
  ApiKey* const key = tables->find(uuid);
  if (key == nullptr) return no(uuid);
  ApiKey changed = tables->with_balance(*key);
  Result<AuditEntry> audit = change(changed);
  if (!audit) return std::unexpected(audit.error());
  const bool is_taken = std::ranges::any_of(tables->keys, [&](const Tables::Row& row) {
    return row.key.id != changed.id && row.key.public_id == changed.public_id;
  });
  if (is_taken) return failure(ErrorCode::conflict, "this public id exists");
  *key = changed;
  tables->record(*std::move(audit));
  return changed;
}

Result<void> MemoryStore::delete_key(std::string_view uuid, const AuditEntry& audit) {
  auto tables = tables_.lock();
  const ApiKey* const key = tables->find(uuid);
  if (key == nullptr) return no(uuid);
  tables->keys[static_cast<std::size_t>(key->id) - 1].is_deleted = true;
  tables->record(audit);
  return {};
}

Result<void> MemoryStore::set_key_digest(KeyId key, const core::KeyDigest& digest) {
  auto tables = tables_.lock();
  for (Tables::Row& row : tables->keys) {
    if (row.key.id != key || row.is_deleted) continue;
    row.key.digest = digest;
    return {};
  }
  return no(std::to_string(std::to_underlying(key)));
}

Result<std::vector<Tier>> MemoryStore::all_tiers() {
  auto tables = tables_.lock();
  const auto values = tables->tiers | std::views::values;
  return std::vector<Tier>{values.begin(), values.end()};
}

Result<void> MemoryStore::put_tier(const Tier& tier, const AuditEntry& audit) {
  auto tables = tables_.lock();
  tables->tiers[tier.name] = tier;
  tables->record(audit);
  return {};
}

Result<void> MemoryStore::delete_tier(std::string_view name, const AuditEntry& audit) {
  auto tables = tables_.lock();
  for (const Tables::Row& row : tables->keys) {
    if (!row.is_deleted && row.key.terms.tier == name) {
      return failure(ErrorCode::conflict, "keys name this tier");
    }
  }
  const auto tier = tables->tiers.find(name);
  if (tier == tables->tiers.end()) return no(name);
  tables->tiers.erase(tier);
  tables->record(audit);
  return {};
}

Result<std::vector<AdminToken>> MemoryStore::all_admin_tokens() {
  auto tables = tables_.lock();
  return std::vector<AdminToken>{tables->admin_tokens.rbegin(), tables->admin_tokens.rend()};
}

Result<void> MemoryStore::create_admin_token(const AdminToken& token, const AuditEntry& audit) {
  auto tables = tables_.lock();
  for (const AdminToken& known : tables->admin_tokens) {
    if (known.uuid == token.uuid) return failure(ErrorCode::conflict, "this token exists");
  }
  tables->admin_tokens.push_back(token);
  tables->record(audit);
  return {};
}

Result<void> MemoryStore::delete_admin_token(std::string_view uuid, const AuditEntry& audit) {
  auto tables = tables_.lock();
  const std::size_t erased = std::erase_if(
      tables->admin_tokens, [uuid](const AdminToken& token) { return token.uuid == uuid; });
  if (erased == 0) return no(uuid);
  tables->record(audit);
  return {};
}

Result<void> MemoryStore::touch_admin_token(std::string_view uuid, WallTime used_at) {
  auto tables = tables_.lock();
  for (AdminToken& token : tables->admin_tokens) {
    if (token.uuid != uuid) continue;
    token.last_used_at = used_at;
    return {};
  }
  return no(uuid);
}

Result<void> MemoryStore::append_audit(const AuditEntry& audit) {
  tables_.lock()->record(audit);
  return {};
}

Result<std::optional<std::string>> MemoryStore::find_setting(std::string_view name) {
  auto tables = tables_.lock();
  const auto setting = tables->settings.find(name);
  if (setting == tables->settings.end()) return std::nullopt;
  return setting->second;
}

Result<void> MemoryStore::set_setting(std::string_view name, std::string_view value) {
  tables_.lock()->settings[std::string{name}] = value;
  return {};
}

Result<void> MemoryStore::set_setting(std::string_view name, std::string_view value,
                                      const AuditEntry& audit) {
  auto tables = tables_.lock();
  tables->settings[std::string{name}] = value;
  tables->record(audit);
  return {};
}

Result<void> MemoryStore::replace_setting(std::string_view name,
                                          const std::optional<std::string>& known,
                                          std::string_view value, const AuditEntry& audit) {
  auto tables = tables_.lock();
  const auto setting = tables->settings.find(name);
  const bool is_there = setting != tables->settings.end();
  const bool is_known = is_there ? known == setting->second : !known;
  if (!is_known) return failure(ErrorCode::conflict, std::string{name} + " has changed");
  tables->settings[std::string{name}] = value;
  tables->record(audit);
  return {};
}

}  // namespace relay::store
