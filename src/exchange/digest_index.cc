#include "exchange/digest_index.h"

#include <bit>
#include <cstring>

namespace relay::exchange {
namespace {

// A place in a table of any size, and what tells those apart that would take the same one.
struct Hash {
  std::uint32_t place;
  std::uint32_t tag;
};

Hash hash_of(const core::KeyDigest& digest) noexcept {
  Hash hash;
  static_assert(sizeof digest >= sizeof hash);
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

std::size_t places_for(std::span<const KeyEntry> keys) noexcept {
  std::size_t digests = 0;
  for (const KeyEntry& key : keys) digests += (key.has_stale_digest ? 0 : 1) + (key.former ? 1 : 0);
  return std::bit_ceil(digests + digests / 4 + 1);
}

}  // namespace

DigestIndex::DigestIndex(std::span<const KeyEntry> keys) : keys_{keys}, places_(places_for(keys)) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].has_stale_digest) add(keys[i].digest, i);
    if (keys[i].former) add(keys[i].former->digest, i);
  }
}

void DigestIndex::add(const core::KeyDigest& digest, std::size_t key) noexcept {
  const Hash hash = hash_of(digest);
  std::size_t at = hash.place & (places_.size() - 1);
  while (places_[at].key != nobody) at = next(at);
  places_[at] = {hash.tag, static_cast<std::uint32_t>(key)};
}

const KeyEntry* DigestIndex::find(const core::KeyDigest& digest, WallTime now) const noexcept {
  const Hash hash = hash_of(digest);
  for (std::size_t at = hash.place & (places_.size() - 1);; at = next(at)) {
    const Place& place = places_[at];
    if (place.key == nobody) return nullptr;
    if (place.tag != hash.tag) continue;
    const KeyEntry& key = keys_[place.key];
    if (key.digest == digest && !key.has_stale_digest) return &key;
    if (key.former && key.former->digest == digest) {
      return now < key.former->valid_until ? &key : nullptr;
    }
  }
}

}  // namespace relay::exchange
