#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "claude/tokenizer.h"

namespace relay::claude {

// The tokens of an encoding. The rank of a token is its number and its precedence when bytes are
// merged: the lowest goes first.
//
// Immutable. The tokens and the index over them lie in the binary, as vocabulary/pack.mjs packs
// them, so that a process which counts nothing has no memory for them.
class Vocabulary {
 public:
  // Thread-safe.
  static const Vocabulary& of(Encoding encoding);

  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  // The rank of the token made of exactly these bytes. Every single byte is a token.
  [[nodiscard]] std::optional<std::uint32_t> rank(std::string_view bytes) const noexcept;

  // The bytes of a token. Requires: rank < size().
  [[nodiscard]] std::string_view token(std::uint32_t rank) const noexcept;

  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(offsets_.size() - 1);
  }

 private:
  explicit Vocabulary(const char* packed) noexcept;

  std::span<const std::uint32_t> offsets_;  // Of bytes_: where each token begins, and the end.
  std::span<const std::uint32_t> slots_;  // Open addressing: fingerprint and rank. A power of two.
  const char* bytes_;                     // All tokens, in the order of their ranks.
  std::size_t token_bytes_max_;
};

}  // namespace relay::claude
