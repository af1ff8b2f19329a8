#include "claude/tokenizer_vocabulary.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstring>

// In tokenizer_vocabulary_bytes.S.
extern "C" const char relay_cl100k_base[], relay_o200k_base[];

namespace relay::claude {
namespace {

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

}  // namespace

const Vocabulary& Vocabulary::of(Encoding encoding) {
  switch (encoding) {
    case Encoding::cl100k_base: {
      static const Vocabulary cl100k_base{relay_cl100k_base};
      return cl100k_base;
    }
    case Encoding::o200k_base: break;
  }
  static const Vocabulary o200k_base{relay_o200k_base};
  return o200k_base;
}

Vocabulary::Vocabulary(const char* packed) noexcept {
  static_assert(std::endian::native == std::endian::little);
  const auto* const words = reinterpret_cast<const std::uint32_t*>(packed);
  const auto [count, slots, token_bytes_max] = std::array{words[0], words[1], words[2]};
  offsets_ = {words + 3, count + 1};
  slots_ = {offsets_.data() + offsets_.size(), slots};
  bytes_ = reinterpret_cast<const char*>(slots_.data() + slots_.size());
  token_bytes_max_ = token_bytes_max;
  assert(count < rank_mask && std::has_single_bit(slots));
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
