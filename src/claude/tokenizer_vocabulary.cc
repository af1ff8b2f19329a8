#include "claude/tokenizer_vocabulary.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

// In tokenizer_vocabulary_bytes.S.
extern "C" const char relay_cl100k_base_begin[], relay_cl100k_base_end[];
extern "C" const char relay_o200k_base_begin[], relay_o200k_base_end[];

namespace relay::claude {
namespace {

constexpr std::size_t count_bytes = 4;
constexpr int rank_bits = 18;
constexpr std::uint32_t rank_mask = (1U << rank_bits) - 1;
constexpr std::uint32_t empty_slot = ~0U;

template <typename Word>
std::uint64_t load(const char* bytes) noexcept {
  Word word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

// Reads whole words, the last one overlapping the one before: a copy of a length unknown to the
// compiler would cost more than all the rest.
std::uint64_t hash_of(std::string_view bytes) noexcept {
  const char* const begin = bytes.data();
  const std::size_t size = bytes.size();
  std::uint64_t hash = mix(size, 0);
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      hash = mix(hash, load<std::uint64_t>(begin + at));
    }
    return mix(hash, load<std::uint64_t>(begin + size - 8));
  }
  if (size >= 4) {
    return mix(hash, load<std::uint32_t>(begin) << 32 | load<std::uint32_t>(begin + size - 4));
  }
  if (size >= 2) {
    return mix(hash, load<std::uint16_t>(begin) << 16 | load<std::uint16_t>(begin + size - 2));
  }
  return mix(hash, size == 0 ? 0 : load<std::uint8_t>(begin));
}

// The slot bits above the rank, from bits of the hash that do not choose the slot.
std::uint32_t fingerprint(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32) & ~rank_mask;
}

std::size_t token_count(std::string_view packed) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < count_bytes; ++i) {
    count |= std::size_t{static_cast<unsigned char>(packed[i])} << (8 * i);
  }
  return count;
}

}  // namespace

const Vocabulary& Vocabulary::of(Encoding encoding) {
  switch (encoding) {
    case Encoding::cl100k_base: {
      static const Vocabulary cl100k_base{{relay_cl100k_base_begin, relay_cl100k_base_end}};
      return cl100k_base;
    }
    case Encoding::o200k_base: break;
  }
  static const Vocabulary o200k_base{{relay_o200k_base_begin, relay_o200k_base_end}};
  return o200k_base;
}

Vocabulary::Vocabulary(std::string_view packed) {
  const std::size_t count = token_count(packed);
  const std::string_view lengths = packed.substr(count_bytes, count);
  const std::string_view tokens = packed.substr(count_bytes + count);
  assert(count < rank_mask && "a rank fits into a slot, and none looks like an empty one");
  bytes_ = tokens.data();
  offsets_.reserve(count + 1);
  slots_.assign(std::bit_ceil(count * 2), empty_slot);

  std::uint32_t offset = 0;
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    const std::size_t length = static_cast<unsigned char>(lengths[rank]);
    const std::uint64_t hash = hash_of(tokens.substr(offset, length));
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != empty_slot) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = fingerprint(hash) | rank;
    offsets_.push_back(offset);
    offset += static_cast<std::uint32_t>(length);
    token_bytes_max_ = std::max(token_bytes_max_, length);
  }
  offsets_.push_back(offset);
  assert(offset == tokens.size());
}

std::optional<std::uint32_t> Vocabulary::rank(std::string_view bytes) const noexcept {
  if (bytes.size() > token_bytes_max_) return std::nullopt;
  const std::uint64_t hash = hash_of(bytes);
  std::size_t at = hash & (slots_.size() - 1);
  for (; slots_[at] != empty_slot; at = (at + 1) & (slots_.size() - 1)) {
    const std::uint32_t rank = slots_[at] & rank_mask;
    if ((slots_[at] & ~rank_mask) == fingerprint(hash) && token(rank) == bytes) return rank;
  }
  return std::nullopt;
}

std::string_view Vocabulary::token(std::uint32_t rank) const noexcept {
  return {bytes_ + offsets_[rank], offsets_[rank + 1] - offsets_[rank]};
}

}  // namespace relay::claude
