#include "store/memory_store.h"

#include <algorithm>
#include <ranges>

#include "store/batch_totals.h"
#include "store/store_error.h"

namespace relay::store {

using core::ApiKey;
using core::KeyId;

namespace {

std::unexpected<Error> no_key(std::string_view uuid) {
  return failure(ErrorCode::not_found, "no key " + std::string{uuid});
}

}  // namespace

ApiKey* MemoryStore::Tables::find(std::string_view uuid) {
  const auto row = std::ranges::find_if(
      keys, [uuid](const Row& at) { return !at.is_deleted && at.key.uuid == uuid; });
  return row == keys.end() ? nullptr : &row->key;
}

core::UsageTotals MemoryStore::Tables::totals(KeyId key) const {
  core::UsageTotals totals;
  for (const core::LedgerEntry& entry : ledger | std::views::values) {
    if (entry.key != key || entry.delivery == core::Delivery::refused) continue;
    totals.usage += entry.usage;
    ++totals.requests;
  }
  return totals;
}

ApiKey MemoryStore::Tables::with_balance(ApiKey key) const {
  key.tokens_used = totals(key.id).usage.total();
  return key;
}

Result<std::vector<ApiKey>> MemoryStore::all_keys() {
  auto tables = tables_.lock();
  std::vector<ApiKey> keys;
  for (const Tables::Row& row : tables->keys | std::views::reverse) {
    if (!row.is_deleted) keys.push_back(tables->with_balance(row.key));
  }
  return keys;
}

Result<ApiKey> MemoryStore::find_key(std::string_view uuid) {
  auto tables = tables_.lock();
  const ApiKey* const key = tables->find(uuid);
  if (key == nullptr) return no_key(uuid);
  return tables->with_balance(*key);
}

Result<ApiKey> MemoryStore::create_key(const core::NewKey& key) {
  auto tables = tables_.lock();
  for (const Tables::Row& row : tables->keys) {
    if (row.key.uuid == key.uuid || row.key.public_id == key.public_id) {
      return failure(ErrorCode::conflict, "this key exists");
    }
  }
  ApiKey created = key;
  created.id = KeyId{static_cast<std::int64_t>(tables->keys.size()) + 1};
  created.tokens_used = 0;
  tables->keys.push_back({.key = created});
  return created;
}

Result<ApiKey> MemoryStore::set_key_active(std::string_view uuid, bool is_active) {
  auto tables = tables_.lock();
  ApiKey* const key = tables->find(uuid);
  if (key == nullptr) return no_key(uuid);
  key->is_active = is_active;
  return tables->with_balance(*key);
}

Result<void> MemoryStore::delete_key(std::string_view uuid) {
  auto tables = tables_.lock();
  const ApiKey* const key = tables->find(uuid);
  if (key == nullptr) return no_key(uuid);
  tables->keys[static_cast<std::size_t>(key->id) - 1].is_deleted = true;
  return {};
}

Result<void> MemoryStore::set_key_digest(KeyId key, const core::KeyDigest& digest) {
  auto tables = tables_.lock();
  for (Tables::Row& row : tables->keys) {
    if (row.key.id != key || row.is_deleted) continue;
    row.key.digest = digest;
    return {};
  }
  return no_key(std::to_string(std::to_underlying(key)));
}

Result<void> MemoryStore::append(std::span<const core::LedgerEntry> entries,
                                 std::span<const core::JournalPosition> positions) {
  auto tables = tables_.lock();
  for (const core::LedgerEntry& entry : entries) {
    const auto [row, is_new] = tables->ledger.emplace(entry.attempt, entry);
    if (is_new) row->second.usage = charged(entry);
  }
  for (const core::JournalPosition& position : positions) {
    std::uint64_t& sequence = tables->positions[position.journal];
    sequence = std::max(sequence, position.sequence);
  }
  return {};
}

Result<std::vector<core::JournalPosition>> MemoryStore::journal_positions() {
  auto tables = tables_.lock();
  std::vector<core::JournalPosition> positions;
  for (const auto& [journal, sequence] : tables->positions)
    positions.push_back({journal, sequence});
  return positions;
}

Result<void> MemoryStore::forget_journals(std::span<const std::uint64_t> journals) {
  auto tables = tables_.lock();
  for (const std::uint64_t journal : journals) tables->positions.erase(journal);
  return {};
}

Result<core::UsageTotals> MemoryStore::usage_totals(KeyId key) {
  return tables_.lock()->totals(key);
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

std::vector<core::LedgerEntry> MemoryStore::entries() {
  auto tables = tables_.lock();
  const auto values = tables->ledger | std::views::values;
  return {values.begin(), values.end()};
}

}  // namespace relay::store
