#include "exchange/key_table.h"

#include <utility>

namespace relay::exchange {

KeySnapshot::KeySnapshot(std::vector<KeyEntry> keys) : keys_{std::move(keys)}, by_digest_{keys_} {
  by_id_.reserve(keys_.size());
  by_public_id_.reserve(keys_.size());
  for (const KeyEntry& key : keys_) {
    has_stale_digests_ |= key.has_stale_digest;
    by_id_.emplace(key.id, &key);
    by_public_id_.emplace(key.public_id, &key);
  }
}

const KeyEntry* KeySnapshot::find(const core::KeyDigest& digest, WallTime now) const noexcept {
  return by_digest_.find(digest, now);
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
