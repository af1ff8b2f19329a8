#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exchange/digest_index.h"
#include "exchange/key_entry.h"

namespace relay::exchange {

// All keys at one moment. Immutable, shared by all threads.
class KeySnapshot {
 public:
  explicit KeySnapshot(std::vector<KeyEntry> keys);

  // Null if there is none, or if it is a former secret that is not valid any more. The entry lives
  // as long as the snapshot.
  [[nodiscard]] const KeyEntry* find(const core::KeyDigest& digest, WallTime now) const noexcept;
  [[nodiscard]] const KeyEntry* find(core::KeyId key) const noexcept;
  [[nodiscard]] const KeyEntry* find_public(std::string_view public_id) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
  [[nodiscard]] bool has_stale_digests() const noexcept { return has_stale_digests_; }
  [[nodiscard]] std::span<const KeyEntry> keys() const noexcept { return keys_; }

 private:
  std::vector<KeyEntry> keys_;
  bool has_stale_digests_ = false;
  DigestIndex by_digest_;
  std::unordered_map<core::KeyId, const KeyEntry*> by_id_;
  std::unordered_map<std::string_view, const KeyEntry*> by_public_id_;
};

// The keys as they are now: a snapshot that is replaced whole. replace() may be called by any
// thread; the next request on every loop sees the new keys.
class KeyTable {
 public:
  KeyTable() : KeyTable(std::vector<KeyEntry>{}) {}
  explicit KeyTable(std::vector<KeyEntry> keys);

  void replace(std::vector<KeyEntry> keys);
  [[nodiscard]] std::shared_ptr<const KeySnapshot> snapshot() const;

  // Whether nothing has changed since `seen`, which its holder keeps alive, was the snapshot.
  [[nodiscard]] bool is_current(const KeySnapshot* seen) const noexcept {
    return current_.load(std::memory_order_acquire) == seen;
  }

 private:
  std::atomic<std::shared_ptr<const KeySnapshot>> snapshot_;
  std::atomic<const KeySnapshot*> current_;
};

}  // namespace relay::exchange
