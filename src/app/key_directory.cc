#include "app/key_directory.h"

#include <vector>

#include "base/limits.h"
#include "core/find_tier.h"

namespace relay::app {
namespace {

constexpr std::string_view pepper_setting = "pepper_check";
constexpr core::KeyDigest stale = {};  // No HMAC is all zeros, for all that anyone can do.

exchange::KeyEntry entry_of(core::ApiKey key, const core::AllowanceTerms& allowed,
                            core::Allowance& allowance) {
  exchange::KeyEntry entry{.id = key.id,
                           .digest = key.digest,
                           .uuid = std::move(key.uuid),
                           .public_id = std::move(key.public_id),
                           .name = std::move(key.name),
                           .secret_hash = std::move(key.secret_hash),
                           .is_active = key.is_active,
                           .has_stale_digest = key.digest == stale,
                           .terms = std::move(key.terms),
                           .allowed = allowed,
                           .allowance = &allowance};
  if (key.former) entry.former = {key.former->digest, key.former->valid_until};
  return entry;
}

}  // namespace

Result<void> KeyDirectory::open() {
  const Result<void> wiped = wipe_stale_digests();
  if (!wiped) return wiped;
  const auto one_at_a_time = refreshing_.lock();
  Result<std::vector<core::ApiKey>> keys = store_.all_keys();
  if (!keys) return std::unexpected(keys.error());
  const Result<void> loaded = allowances_.load(store_, *keys, clock_.wall());
  if (!loaded) return loaded;
  return replace_table(*std::move(keys));
}

Result<void> KeyDirectory::wipe_stale_digests() {
  const Result<std::optional<std::string>> known = store_.find_setting(pepper_setting);
  if (!known) return std::unexpected(known.error());
  if (*known && **known != pepper_.check()) {
    const Result<std::vector<core::ApiKey>> keys = store_.all_keys();
    if (!keys) return std::unexpected(keys.error());
    for (const core::ApiKey& key : *keys) {
      const Result<void> wiped = store_.set_key_digest(key.id, stale);
      if (!wiped) return wiped;
    }
  }
  return store_.set_setting(pepper_setting, pepper_.check());
}

Result<void> KeyDirectory::refresh() {
  const auto one_at_a_time = refreshing_.lock();
  Result<std::vector<core::ApiKey>> keys = store_.all_keys();
  if (!keys) return std::unexpected(keys.error());
  return replace_table(*std::move(keys));
}

void KeyDirectory::correct(std::span<const core::LedgerEntry> corrections) {
  const auto one_at_a_time = refreshing_.lock();
  allowances_.correct(corrections, clock_.wall());
}

void KeyDirectory::charge(std::span<const core::LedgerEntry> entries) {
  const auto one_at_a_time = refreshing_.lock();
  allowances_.charge(entries, clock_.wall());
}

Result<void> KeyDirectory::replace_table(std::vector<core::ApiKey> keys) {
  const Result<std::vector<core::Tier>> tiers = store_.all_tiers();
  if (!tiers) return std::unexpected(tiers.error());
  const core::Tier* const usual = core::find_tier(*tiers, settings_.default_tier);
  const WallTime now = clock_.wall();
  std::vector<exchange::KeyEntry> entries;
  entries.reserve(keys.size());
  for (core::ApiKey& key : keys) {
    const core::Tier* const own = core::find_tier(*tiers, key.terms.tier);
    const core::AllowanceTerms allowed =
        core::allowance_terms(key.terms, own != nullptr ? own : usual, settings_.concurrency);
    core::Allowance& allowance = allowances_.of(key.id, now);
    entries.push_back(entry_of(std::move(key), allowed, allowance));
  }
  table_.replace(std::move(entries));
  return {};
}

bool KeyDirectory::knows(std::string_view text) const {
  return table_.snapshot()->find(pepper_.digest(text), clock_.wall()) != nullptr;
}

bool KeyDirectory::is_stale(std::string_view text) const {
  const std::optional<core::PresentedKey> key = core::parse_key(text);
  if (!key) return false;
  const auto snapshot = table_.snapshot();
  const exchange::KeyEntry* const entry = snapshot->find_public(key->public_id);
  return entry != nullptr && entry->has_stale_digest;
}

bool KeyDirectory::begin_proof(std::string_view text, TimePoint now) {
  if (!is_stale(text)) return false;
  auto turns = turns_.lock();
  Turn& turn = (*turns)[std::string{core::parse_key(text)->public_id}];
  if (turn.is_running || now < turn.next) return false;
  turn.is_running = true;
  return true;
}

void KeyDirectory::end_proof(std::string_view text, TimePoint now) {
  auto turns = turns_.lock();
  const auto turn = turns->find(core::parse_key(text)->public_id);
  if (turn != turns->end()) turn->second = {.next = now + limits::key_proof_interval_min};
}

bool KeyDirectory::prove(std::string_view text) {
  const bool is_ours = prove_stale(text);
  end_proof(text, clock_.now());
  return is_ours;
}

bool KeyDirectory::prove_stale(std::string_view text) {
  const auto snapshot = table_.snapshot();
  const exchange::KeyEntry* const entry = snapshot->find_public(core::parse_key(text)->public_id);
  if (entry == nullptr || !core::verify_secret(text, entry->secret_hash)) return false;
  const Result<void> made = store_.set_key_digest(entry->id, pepper_.digest(text));
  return made && refresh();
}

}  // namespace relay::app
