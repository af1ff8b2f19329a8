#include "exchange/key_table.h"

#include <cstring>
#include <utility>

namespace relay::exchange {

std::size_t KeySnapshot::FirstBytes::operator()(const core::KeyDigest& digest) const noexcept {
  std::size_t first = 0;
  std::memcpy(&first, digest.data(), sizeof first);
  return first;
}

KeySnapshot::KeySnapshot(std::vector<KeyEntry> keys) : keys_{std::move(keys)} {
  by_digest_.reserve(keys_.size());
  by_id_.reserve(keys_.size());
  by_public_id_.reserve(keys_.size());
  for (const KeyEntry& key : keys_) {
    if (!key.has_stale_digest) by_digest_.emplace(key.digest, Found{&key, WallTime::max()});
    if (key.former) {
      by_digest_.emplace(key.former->digest, Found{&key, key.former->valid_until});
    }
    has_stale_digests_ |= key.has_stale_digest;
    by_id_.emplace(key.id, &key);
    by_public_id_.emplace(key.public_id, &key);
  }
}

const KeyEntry* KeySnapshot::find(const core::KeyDigest& digest, WallTime now) const noexcept {
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end() || now >= found->second.valid_until) return nullptr;
  return found->second.key;
}

const KeyEntry* KeySnapshot::find(core::KeyId key) const noexcept {
  const auto found = by_id_.find(key);
  return found == by_id_.end() ? nullptr : found->second;
}

const KeyEntry* KeySnapshot::find_public(std::string_view public_id) const noexcept {
  const auto found = by_public_id_.find(public_id);
  return found == by_public_id_.end() ? nullptr : found->second;
}

KeyTable::KeyTable(std::vector<KeyEntry> keys)
    : snapshot_{std::make_shared<const KeySnapshot>(std::move(keys))},
      current_{snapshot_.load().get()} {
}

void KeyTable::replace(std::vector<KeyEntry> keys) {
  const auto made = std::make_shared<const KeySnapshot>(std::move(keys));
  snapshot_.store(made);
  current_.store(made.get(), std::memory_order_release);
}

std::shared_ptr<const KeySnapshot> KeyTable::snapshot() const {
  return snapshot_.load();
}

}  // namespace relay::exchange
